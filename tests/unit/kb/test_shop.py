"""The demo shop's own articles, and how well they are found."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.kb import questions, shops
from kb import answer, articles, evidence, library, search
from kb.encoder import Encoder
from kb.library import Library
from orders import rules, terms

NEEDED = """return_window eligible_items refund_methods process_steps exceptions shipping delivery_times
damaged_or_wrong_item warranty exchanges gift_returns international payment_methods invoices privacy
cancellations order_changes contact_and_hours sale_items missing_parcel""".split()


def test_every_article_is_signed(shop: Library) -> None:
    """Each article that people ask for exists, with title, version, effective date and owner."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in articles.files(library.ARTICLES)}

    assert set(NEEDED) <= set(texts)
    for name, text in texts.items():
        assert [line.split(":")[0] for line in text.splitlines()[1:5]] == [
            "title", "version", "effective", "owner",
        ], name  # fmt: skip


def test_every_section_fits_a_phone(shop: Library) -> None:
    """A section answers one question, and can be sent as it is."""
    for chunk in shop.index.chunks:
        assert len(chunk.text) + len(f"\n\nSource: {chunk.title}") <= answer.LONGEST, chunk.section
        assert "{{" not in chunk.section + chunk.text


def test_articles_and_rules_agree_on_the_window() -> None:
    """The articles state the return window that the orders' rules apply."""
    assert articles.facts(library.ARTICLES)["return_window_days"] == str(terms.shop().return_window.days)


def test_articles_and_rules_agree_on_excluded_goods(shop: Library) -> None:
    """What the rules never take back, and what only unopened, the article of exceptions says too."""
    text = " ".join(chunk.text for chunk in shop.index.chunks if chunk.article == "exceptions").lower()

    assert all(goods in text for goods in rules.EXCLUDED.values())
    assert all(word in text for goods in rules.SEALED.values() for word in goods.split(" and "))


def test_the_questions_are_fair(shop: Library) -> None:
    """There are 150, each gold section exists, and none stands in an article as an asked question."""
    asked = questions.own()
    sections = {(chunk.article, chunk.section) for chunk in shop.index.chunks}
    known = {phrase.lower().strip("?") for chunk in shop.index.chunks for phrase in chunk.asked}

    assert (len(asked), sum(question.gold is None for question in asked)) == (150, 30)
    assert {question.gold for question in asked if question.gold} <= sections
    assert not known & {question.text.lower().strip("?") for question in asked}


def test_questions_find_their_section(shop: Library, encoder: Encoder) -> None:
    """hit@1 is at least 0.92, hit@3 at least 0.98, and at least 0.9 of what cannot be answered is refused."""
    asked = questions.own()
    found = [search.rank(shop.index, encoder, question.text, k=3) for question in asked]
    places = np.array(
        [
            next((n for n, p in enumerate(ranked) if (p.article, p.section) == question.gold), 99)
            for ranked, question in zip(found, asked, strict=True)
            if question.gold
        ]
    )
    silent = [
        ranked[0].score < evidence.THRESHOLD for ranked, q in zip(found, asked, strict=True) if q.gold is None
    ]

    assert np.mean(places == 0) >= 0.92
    assert np.mean(places <= 2) >= 0.98
    assert np.mean(silent) >= 0.9


def test_the_other_shops_questions_are_fair(encoder: Encoder, tmp_path: Path) -> None:
    """Each of the nine shops is asked what it answers and what it does not; each gold section exists."""
    opened = [*shops.opened(encoder, tmp_path), *shops.opened(encoder, tmp_path, questions.UNSEEN)]

    assert len(opened) == 9
    for shop in opened:
        sections = {(chunk.article, chunk.section) for chunk in shop.index.chunks}
        gold = [question.gold for question in shop.asked]
        assert {one for one in gold if one} <= sections, shop.name
        assert 10 <= gold.count(None) < len(gold), shop.name
