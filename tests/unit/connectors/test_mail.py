"""Mails: over SMTP to a real server, and into the sandbox's mailbox."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy

import httpx
import pytest

from connectors.mail import smtp
from connectors.mail.message import Mail, MailDelayed, MailRefused, MailUnknown
from connectors.mail.notices import MailNotices
from connectors.mail.sandbox import SandboxMailer
from connectors.mail.smtp import SmtpMailer
from connectors.sms.message import TextDelayed, TextMessage, TextRefused
from connectors.sms.sandbox import SandboxTexter
from conversations.messages import Notice
from sandbox.whatsapp.sandbox import WhatsAppSandbox

MAIL = Mail("ana.silva@example.com", "123456 is your code", "Hello Ana,\n\nyour code is 123456.\n")


class Post(socketserver.ThreadingTCPServer):
    """A mail server: keeps what it takes, and answers recipients with the next of `answers`, else 250.

    Unless it `takes`, it leaves without a word once it has a mail.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.mails: list[bytes] = []
        self.answers: list[str] = []
        self.takes = True

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class Talk(socketserver.StreamRequestHandler):
    """The few commands of RFC 5321 that sending takes."""

    server: Post

    def handle(self) -> None:
        self._say("220 post")
        while line := self.rfile.readline():
            match line[:4].upper():
                case b"RCPT":
                    self._say(self.server.answers.pop(0) if self.server.answers else "250 ok")
                case b"DATA":
                    self._say("354 go on")
                    self.server.mails.append(self._body())
                    if not self.server.takes:
                        return
                    self._say("250 taken")
                case b"QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 ok")

    def _body(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def post() -> Iterator[Post]:
    with Post() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


async def test_a_mail_arrives(post: Post) -> None:
    """With its text, its subject, its date, and where it comes from."""
    await SmtpMailer(post.url, "Shop <shop@example.com>").send(MAIL)
    arrived = message_from_bytes(post.mails[0], policy=policy.default)
    assert (arrived["To"], arrived["Subject"], arrived["From"]) == (
        MAIL.to,
        MAIL.subject,
        "Shop <shop@example.com>",
    )
    assert arrived["Date"]
    assert arrived["Message-ID"].endswith("@example.com>")
    assert "123456" in arrived.get_content()


async def test_a_busy_server_is_tried_again(post: Post) -> None:
    """4xx means later, and later it is taken."""
    post.answers = ["451 greylisted"]
    await SmtpMailer(post.url, pause=0.01).send(MAIL)
    assert len(post.mails) == 1


async def test_what_may_have_been_taken_is_not_sent_again(post: Post) -> None:
    """The server has the mail and says nothing: whoever asked for it hears that nobody knows."""
    post.takes = False
    with pytest.raises(MailUnknown):
        await SmtpMailer(post.url, pause=0.01).send(MAIL)
    assert len(post.mails) == 1


async def test_a_server_may_take_its_time_to_accept(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than for any other answer; then, too, nobody knows."""
    assert smtp.TAKING >= 60
    monkeypatch.setattr(smtp, "TAKING", 0.0)
    with pytest.raises(MailUnknown):
        await SmtpMailer(post.url, pause=0.01).send(MAIL)
    assert len(post.mails) <= 1


async def test_a_notice_is_the_same_mail_at_every_attempt(post: Post) -> None:
    """By its Message-ID a mailbox may tell that it has it already."""
    notices = MailNotices(SmtpMailer(post.url, "Shop <shop@example.com>"))
    for title in ("Waiting: 1 minute", "Waiting: 2 minutes"):
        await notices.tell(MAIL.to, Notice(title, "Somebody is needed.", key="notice-7"))
    await notices.tell(MAIL.to, Notice("Another", "Somebody is needed.", key="notice-8"))
    ids = [message_from_bytes(each, policy=policy.default)["Message-ID"] for each in post.mails]
    assert ids == ["<notice-7@example.com>", "<notice-7@example.com>", "<notice-8@example.com>"]


async def test_a_refusal_is_final(post: Post) -> None:
    """5xx is not tried again."""
    post.answers = ["550 nobody here", "250 ok"]
    with pytest.raises(MailRefused):
        await SmtpMailer(post.url).send(MAIL)
    assert post.mails == []
    assert post.answers == ["250 ok"]


async def test_no_server_is_a_delay() -> None:
    """A server that is not there may be there later."""
    with Post() as gone:
        url = gone.url
    with pytest.raises(MailDelayed):
        await SmtpMailer(url, pause=0.01).send(MAIL)


@pytest.mark.parametrize("url", ["http://mail.example.com", "smtp://", "mail.example.com"])
def test_the_address_of_the_server_is_checked(url: str) -> None:
    """What names no mail server is refused at once."""
    with pytest.raises(ValueError, match="SMTP_URL"):
        SmtpMailer(url)


async def test_the_sandbox_keeps_mails() -> None:
    """The newest first, those of one address on their own, and nothing that is no mail."""
    sandbox = WhatsAppSandbox()
    transport = httpx.ASGITransport(sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
        await SandboxMailer(http, "http://sandbox/").send(MAIL)
        await SandboxMailer(http, "http://sandbox").send(Mail("ben@example.com", "Hi", "…"))
        assert [mail["to"] for mail in (await http.get("/sandbox/mail")).json()] == [
            "ben@example.com",
            MAIL.to,
        ]
        only = (await http.get("/sandbox/mail", params={"to": MAIL.to})).json()
        assert [mail["subject"] for mail in only] == [MAIL.subject]
        assert (await http.get("/sandbox/state")).json()["mails"] == 2
        assert (await http.get("/mail")).status_code == 200
        with pytest.raises(MailRefused):
            await SandboxMailer(http, "http://sandbox").send(Mail("nobody", "Hi", "…"))


async def test_the_sandbox_keeps_text_messages() -> None:
    """Beside the mails, by phone number; a number that is none is refused."""
    sandbox = WhatsAppSandbox()
    transport = httpx.ASGITransport(sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
        texter = SandboxTexter(http, "http://sandbox/")
        await texter.send(TextMessage("+15550100001", "123456 is your code"))
        found = (await http.get("/sandbox/mail", params={"to": "+15550100001"})).json()
        assert [mail["text"] for mail in found] == ["123456 is your code"]
        with pytest.raises(TextRefused):
            await texter.send(TextMessage("15550100001", "123456 is your code"))


async def test_a_sandbox_that_is_down_delays_a_text_message() -> None:
    """Nobody there, or an error inside: it may go through later."""
    down = httpx.MockTransport(lambda asked: httpx.Response(503))
    async with httpx.AsyncClient(transport=down) as http:
        with pytest.raises(TextDelayed):
            await SandboxTexter(http, "http://sandbox").send(TextMessage("+15550100001", "…"))
