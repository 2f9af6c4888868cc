"""Agents' formatted comments as text for a chat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.zendesk.rich_text import Picture, read


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('<div class="zd-comment" dir="auto"><p dir="auto">Hello Ana</p></div>', "Hello Ana"),
        ("<p>One</p><p>Two<br>and a half</p>", "One\n\nTwo\nand a half"),
        ("<p>A</p><p><br></p><p>&nbsp;</p><p>B</p>", "A\n\nB"),
        (
            "<p>Hi <b>Ana</b>, <em>really</em> <del>no</del> <code>X1</code></p>",
            "Hi *Ana*, _really_ ~no~ `X1`",
        ),
        ("<p><b><i>both</i></b></p>", "*_both_*"),
        ("<p><strong>space </strong>outside</p>", "*space* outside"),
        ("<p><b>two<br>lines</b></p>", "*two*\n*lines*"),
        ("<p>in<b>side</b>words</p>", "insidewords"),
        ("<h2>Returns</h2><p>30 days</p>", "*Returns*\n\n30 days"),
        ("<p>To do:</p><ul><li>print</li><li>stick</li></ul><p>Bye</p>", "To do:\n\n- print\n- stick\n\nBye"),
        ("<ol><li>one<ul><li>a</li></ul></li><li>two</li></ol>", "1. one\n  - a\n2. two"),
        ('<ol start="3"><li>three</li></ol>', "3. three"),
        ("<blockquote><p>you wrote</p></blockquote><p>yes</p>", "> you wrote\n\nyes"),
        ("<pre>a = 1\n  b</pre>", "```\na = 1\n  b\n```"),
        ("<table><tr><td>S</td><td>36</td></tr><tr><td>M</td><td>38</td></tr></table>", "S | 36\nM | 38"),
        ("<p>5 &lt; 6 &amp; 7 &#128230;</p>", "5 < 6 & 7 📦"),
        ("<p>مرحبا <b>آنا</b></p>", "مرحبا *آنا*"),
        ("no markup < at all", "no markup < at all"),
        ("<p>never <b>closed", "never *closed*"),
        ("</b></p>closed too often", "closed too often"),
        ("<style>p {color: red}</style><p>seen</p><script>alert(1)</script>", "seen"),
    ],
)
def test_comment_in_the_chats_marks(markup: str, text: str) -> None:
    """Every kind of formatting that the agent's editor offers, and markup that is none."""
    assert read(markup).text == text


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ('<a href="https://shop.example/l/1">your label</a>', "your label (https://shop.example/l/1)"),
        ('<a href="https://shop.example/">https://shop.example</a>', "https://shop.example"),
        ('<a href="https://www.shop.example/x">shop.example/x</a>', "shop.example/x"),
        ('<a href="mailto:help@shop.example?subject=x">mail us</a>', "mail us (help@shop.example)"),
        ('<a href="tel:+15550100">+15550100</a>', "+15550100"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ("<a>nowhere</a>", "nowhere"),
    ],
)
def test_link_is_its_words_and_its_address(link: str, text: str) -> None:
    """An address that the words show already is not said twice; one that leads nowhere is left out."""
    assert read(f"<p>See {link}.</p>").text == f"See {text}."


def test_signature_stays_behind() -> None:
    """The words and pictures of a signature are none of the reply; what follows it is."""
    found = read('<p>Hi</p><div class="signature"><p>-- <br>Mia <img src="logo.png"></p></div><p>PS</p>')
    assert (found.text, found.pictures) == ("Hi\n\nPS", ())


def test_pictures_between_the_words() -> None:
    """They are kept in their order."""
    found = read(
        '<p>here <img src="https://z.example/1" alt="a.png"> and <img src="https://z.example/2"></p>'
    )
    assert found.pictures == (Picture("https://z.example/1", "a.png"), Picture("https://z.example/2", ""))
    assert found.text == "here and"


@given(st.text(alphabet=st.sampled_from("<>/abp&;=\"' \n*_uliqodv"), max_size=200))
def test_nothing_breaks_it(markup: str) -> None:
    """Whatever comes in is read, without tags' remains at the ends."""
    text = read(markup).text
    assert text == text.strip("\n")
