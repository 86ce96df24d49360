"""`make bench`: floors, product and peers side by side over one synthetic corpus, in rounds; ratios within a round.

    python -m bench [--companies 20000] [--rounds 3] [--seconds 3] [--only hit,raw] [--set ALMANAC_NAME=VALUE]
    python -m bench --scale 6000 60000     # list pages over two sizes of corpus; beside nothing else

Writes `report.json` and `report.md` (`report-scale` with --scale) into --out.
Everything listens on the loopback; what was started is stopped.
"""

import argparse
import sys
from pathlib import Path

from bench import report, wrk
from bench.measure import Bench, Options

_ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run, print, write. The exit code says whether it was measured, not whether targets were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", help="names of points, with commas")
    parser.add_argument("--scale", type=int, nargs=2, metavar=("FEW", "MANY"), help="companies of two corpora")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the product")
    parser.add_argument("--state", type=Path, default=_ROOT / ".almanac" / "bench", help="kept between runs")
    parser.add_argument("--out", type=Path, default=_ROOT / "bench")
    given = parser.parse_args()
    wrk.program()
    options = Options(
        companies=given.companies,
        rounds=given.rounds,
        seconds=given.seconds,
        only=frozenset(given.only.split(",")) if given.only else None,
        scale=tuple(given.scale) if given.scale else None,
        settings=dict(one.split("=", 1) for one in given.set),
    )
    found = Bench(given.state.resolve(), options).run()
    text = report.markdown(found)
    given.out.mkdir(parents=True, exist_ok=True)
    name = "report-scale" if given.scale else "report"
    (given.out / f"{name}.json").write_bytes(report.encode(found))
    (given.out / f"{name}.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    sys.exit(main())
