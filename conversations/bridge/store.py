"""The bridge's SQL: bundles, held replies, agents' replies, and how far something was read.

As in `conversations.store`, no function commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from conversations.messages import Content, File
from conversations.rows import Row
from conversations.store import ROW, Conn

STATUS = frozenset({"solve", "reopen"})
"""What a note may do to its ticket's status."""

# --- what goes to a ticket together ----------------------------------------------------------------


async def waiting_comments(conn: Conn, row: Row, limit: int) -> list[Row]:
    """The comments that wait behind this one and are of its kind, up to the first that is not; locked."""
    async with conn.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(
            f"SELECT {ROW} FROM outbox WHERE conversation_id = %(conversation)s AND exit = 'zendesk' "  # noqa: S608 (a constant)
            "AND state = 'pending' AND id > %(id)s AND id < coalesce((SELECT min(id) FROM outbox "
            "WHERE conversation_id = %(conversation)s AND exit = 'zendesk' AND id > %(id)s "
            "AND state IN ('pending', 'sending') AND (kind <> 'comment' OR state <> 'pending' "
            "OR author <> %(author)s OR (body->>'public')::boolean <> %(public)s OR body ? 'alone')), "
            "9223372036854775807) ORDER BY id LIMIT %(limit)s FOR UPDATE",
            {
                "conversation": row.conversation_id,
                "id": row.id,
                "author": row.author,
                "public": bool(row.body["public"]),
                "limit": limit,
            },
        )
        return await cursor.fetchall()


async def bundle(conn: Conn, leader: int) -> list[Row]:
    """The rows that went out together with this one, itself first; locked."""
    async with conn.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(
            f"SELECT {ROW} FROM outbox WHERE bundle = %s ORDER BY id FOR UPDATE",  # noqa: S608 (a constant)
            [leader],
        )
        return await cursor.fetchall()


async def set_bundle(conn: Conn, ids: Sequence[int], leader: int | None) -> None:
    """These rows go out together, or (None) each for itself again."""
    await conn.execute("UPDATE outbox SET bundle = %s WHERE id = ANY(%s)", [leader, list(ids)])


async def set_alone(conn: Conn, ids: Sequence[int]) -> None:
    """These rows were refused together; each is to be tried alone."""
    await conn.execute(
        "UPDATE outbox SET body = body || %s WHERE id = ANY(%s)", [Jsonb({"alone": True}), list(ids)]
    )


async def leave_status(conn: Conn, id: int, text: str) -> None:
    """This note, with these words now, is to be written without changing the ticket's status."""
    await conn.execute(
        "UPDATE outbox SET body = body - %s::text[] || %s WHERE id = %s",
        [list(STATUS), Jsonb({"text": text}), id],
    )


# --- replies held while the channel's window is closed ---------------------------------------------


async def hold_row(conn: Conn, id: int, state: str, why: str) -> None:
    """Hold a line back until the customer writes, as `held` or `nudged`.

    The channel's id of a send that was refused is kept apart.
    """
    await conn.execute(
        "UPDATE outbox SET state = %s, why = %s, in_doubt = false, "
        "refused_id = coalesce(external_id, refused_id), external_id = NULL, "
        "settled_at = clock_timestamp() WHERE id = %s",
        [state, why, id],
    )


async def set_held(conn: Conn, conversation_id: UUID, state: str) -> int:
    """The lines held back are `held` or `nudged`; returns how many there are."""
    cursor = await conn.execute(
        "UPDATE outbox SET state = %s WHERE conversation_id = %s AND state IN ('held', 'nudged')",
        [state, conversation_id],
    )
    return cursor.rowcount


async def held_texts(conn: Conn, conversation_id: UUID) -> list[str]:
    """The words of the lines held back, in order."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT coalesce(body->'content'->>'text', '') FROM outbox "
            "WHERE conversation_id = %s AND state IN ('held', 'nudged') ORDER BY id",
            [conversation_id],
        )
        return [str(text) for text in await cursor.fetchall()]


async def release_rows(conn: Conn, conversation_id: UUID) -> list[tuple[int, str]]:
    """The lines held back wait to be sent again: ids and exits, in order."""
    cursor = await conn.execute(
        "WITH released AS (UPDATE outbox SET state = 'pending', why = NULL, settled_at = NULL, "
        "created_at = clock_timestamp() WHERE conversation_id = %s AND state IN ('held', 'nudged') "
        "RETURNING id, exit) SELECT id, exit FROM released ORDER BY id",
        [conversation_id],
    )
    return [(id, exit) for id, exit in await cursor.fetchall()]


async def expire_rows(conn: Conn, seconds: float, why: str) -> list[tuple[int, UUID, str]]:
    """End the lines held back for longer than this: ids, conversations and words, in order."""
    cursor = await conn.execute(
        "WITH expired AS (UPDATE outbox SET state = 'expired', why = %s, settled_at = clock_timestamp() "
        "WHERE state IN ('held', 'nudged') AND created_at < clock_timestamp() - make_interval(secs => %s) "
        "RETURNING id, conversation_id, coalesce(body->'content'->>'text', '')) "
        "SELECT * FROM expired ORDER BY id",
        [why, seconds],
    )
    return [(id, conversation_id, text) for id, conversation_id, text in await cursor.fetchall()]


async def nudge(conn: Conn, conversation_id: UUID, since: datetime) -> str | None:
    """The state of the template that tells of a held reply, if one went or goes out since then."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT state FROM outbox WHERE conversation_id = %s AND body ? 'nudge' AND created_at > %s "
            "AND state NOT IN ('failed', 'dropped') ORDER BY id DESC LIMIT 1",
            [conversation_id, since],
        )
        state: Any = await cursor.fetchone()
        return None if state is None else str(state)


async def any_held(conn: Conn, conversation_id: UUID) -> bool:
    """Whether a line of this conversation is held back."""
    cursor = await conn.execute(
        "SELECT 1 FROM outbox WHERE conversation_id = %s AND state IN ('held', 'nudged') LIMIT 1",
        [conversation_id],
    )
    return await cursor.fetchone() is not None


async def send_again(conn: Conn, id: int, why: str) -> None:
    """A line that was taken and then failed waits to be sent again; the refused send's id is kept apart."""
    await conn.execute(
        "UPDATE outbox SET state = 'pending', why = %s, settled_at = NULL, body = body || %s, "
        "refused_id = coalesce(external_id, refused_id), external_id = NULL WHERE id = %s",
        [why, Jsonb({"again": True}), id],
    )


async def reword_note(conn: Conn, conversation_id: UUID, about: str, text: str) -> bool:
    """Give a note about this that waits to be written other words; False when none waits."""
    cursor = await conn.execute(
        "UPDATE outbox SET body = body || %s WHERE conversation_id = %s AND exit = 'zendesk' "
        "AND state = 'pending' AND attempts = 0 AND body->>'about' = %s",
        [Jsonb({"text": text}), conversation_id, about],
    )
    return cursor.rowcount > 0


async def row_of_receipt(
    conn: Conn, exit: str, external_id: str, reference: int | None
) -> Mapping[str, Any] | None:
    """id, conversation_id, author, state and body of the row a receipt is about; None for an outdated one."""
    cursor = await conn.execute(
        "SELECT id, conversation_id, author, state, body FROM outbox "
        "WHERE exit = %s AND (id = %s OR external_id = %s) AND refused_id IS DISTINCT FROM %s "
        "AND coalesce(external_id, %s) = %s LIMIT 1",
        [exit, reference, external_id, external_id, external_id, external_id],
    )
    found = await cursor.fetchone()
    names = ("id", "conversation_id", "author", "state", "body")
    return dict(zip(names, found, strict=True)) if found else None


# --- agents' replies -------------------------------------------------------------------------------


async def claim_reply(conn: Conn, conversation_id: UUID, key: str, body: Mapping[str, Any]) -> bool:
    """Take an agent's reply, stored before or not; False when it was taken already."""
    cursor = await conn.execute(
        "INSERT INTO inbox (channel, external_id, conversation_id, kind, body, done_at) "
        "VALUES ('zendesk', %s, %s, 'staff_comment', %s, clock_timestamp()) "
        "ON CONFLICT (channel, external_id) DO UPDATE SET done_at = excluded.done_at, body = excluded.body "
        "WHERE inbox.done_at IS NULL RETURNING id",
        [key, conversation_id, Jsonb(dict(body))],
    )
    return await cursor.fetchone() is not None


async def stored_whole(conn: Conn, key: str) -> bool | None:
    """Whether a reply is stored as it stands in the ticket, with its files; None when it is not stored."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute(
            "SELECT coalesce((body->>'whole')::boolean, false) FROM inbox "
            "WHERE channel = 'zendesk' AND external_id = %s",
            [key],
        )
        whole: Any = await cursor.fetchone()
        return None if whole is None else bool(whole)


async def wrote_comment(conn: Conn, comment_id: str) -> bool:
    """Whether a comment is one we wrote ourselves."""
    cursor = await conn.execute(
        "SELECT 1 FROM outbox WHERE exit = 'zendesk' AND kind = 'comment' AND external_id = %s LIMIT 1",
        [comment_id],
    )
    return await cursor.fetchone() is not None


async def sent_file(conn: Conn, line_id: int) -> tuple[str, File] | None:
    """Who sent the file of a line of the log, bot or agent, and the file; None when it has none."""
    cursor = await conn.execute(
        "SELECT author, body->'content' FROM log "
        "WHERE id = %s AND kind = 'message' AND body->'content' IS NOT NULL",
        [line_id],
    )
    author, content = await cursor.fetchone() or ("", None)
    file = Content.from_json(content).file if content else None
    return (author, file) if file else None


# --- how far something was read --------------------------------------------------------------------


async def take_turn(conn: Conn, name: str, seconds: float) -> bool:
    """Whether it is time again for something that only one process does; it is the caller's then."""
    cursor = await conn.execute(
        "INSERT INTO cursors AS known (name, at) VALUES (%s, clock_timestamp()) "
        "ON CONFLICT (name) DO UPDATE SET at = excluded.at "
        "WHERE known.at <= clock_timestamp() - make_interval(secs => %s)",
        [name, seconds],
    )
    return cursor.rowcount == 1


async def cursor_of(conn: Conn, name: str) -> str:
    """Where reading goes on; empty at the beginning."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        await cursor.execute("SELECT value FROM cursors WHERE name = %s", [name])
        return str(await cursor.fetchone() or "")


async def move_cursor(conn: Conn, name: str, value: str) -> None:
    """Reading goes on from here."""
    await conn.execute(
        "INSERT INTO cursors (name, value) VALUES (%s, %s) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, value],
    )
