"""Measures the kb: `python -m benchmarks.kb` prints the tables, `--fit` the constants of kb.evidence.

Questions: questions.yml, and those of the shops in benchmarks/shops. Every second one of ours is the
development half, on which the constants were fitted and the articles' asked questions completed; the others
are held out. The baseline is BM25 alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks import readme
from benchmarks.kb import fit, questions, ranking, shops, times
from benchmarks.kb.shops import Shop
from kb import index, library
from kb.vectors import Shelf


def main() -> None:
    """Print the tables, with --write into README.md too; or with --fit the constants."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--fit", action="store_true", help="print the constants of kb.evidence")
    options.add_argument("--write", action="store_true", help="write the tables into README.md")
    options.add_argument("--no-times", action="store_true", help="leave the table of times out")
    chosen = options.parse_args()
    asked, encoder, console = questions.own(), library.encoder(), Console(width=150, record=True)
    with tempfile.TemporaryDirectory() as place:
        opened = index.build(library.ARTICLES, encoder, Path(place, "own"))
        bare = [dataclasses.replace(chunk, asked=()) for chunk in opened.chunks]
        plain = index.of_chunks(bare, encoder, Shelf(Path(place, "plain.npz"), encoder))
        others = shops.opened(encoder, Path(place))
        unseen = shops.opened(encoder, Path(place), questions.UNSEEN)
    own = [fit.measured(Shop("ours", which, asked), encoder) for which in (opened, plain)]
    left_out = {shop.name: fit.measured(shop, encoder) for shop in others}
    if chosen.fit:
        fitted = fit.fit([*own, *left_out.values()])
        console.print(", ".join(fit.NAMES), "=", ", ".join(f"{number:.2f}" for number in fitted))
        return
    ranking.show(
        console, ranking.rankers(opened, plain, encoder), [question for question in asked if question.gold]
    )
    ranking.show_answerability(console, opened, encoder, asked)
    shops.show(console, "Other shops' policies, as they wrote them", others, encoder)
    shops.show(console, "Shops that nothing was tuned or fitted on", unseen, encoder)
    fit.show_left_out(console, own, left_out)
    if not chosen.no_times:
        times.show(console, opened, encoder, asked)
    if chosen.write:
        tables = "\n".join(line.rstrip() for line in console.export_text().splitlines())
        readme.write("kb", f"The kb, `make bench-kb`; the baseline is BM25.\n\n{tables}")


if __name__ == "__main__":
    main()
