"""Fuzzing: every operation of the checked-in document against a live server, every check on, none suppressed.

A green run is weak evidence by itself: it sees no paging, no conditions and no negotiation. The other tests of this folder do.
FUZZ_EXAMPLES (60) sets the cases an operation and phase, FUZZ_SEED (1) which ones; `make fuzz` runs many more.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.api.handed import make_key
from tests.client import DOCUMENT, Client
from tests.contract.fuzzing import EXAMPLES, OTHER_FORMS, SEED, Fuzz, holds, of_form, there_is, without_examples
from tests.contract.urls import ALL

pytestmark = pytest.mark.slow

# What lists lead to, whatever their own tag is.
LED_TO = ("Disclosures", "Sources")
LINKED = sorted(
    {ALL[name][2]["tags"][0] for name in ALL if ALL[name][2]["responses"].get("200", {}).get("links")} - {*LED_TO}
)
# A run reads the whole document first, which takes longer than a tag does: some tags together.
GROUPS = [LINKED[first::3] for first in range(3)]


def test_the_contract_as_published_holds(api: Client, tmp_path: Path):
    """Links have runs of their own below; the phase `coverage`, whose cases are the same in every run, is here only."""
    holds(api, tmp_path, Fuzz(phases="examples,coverage,fuzzing"))


def test_the_contract_holds_with_a_key_without_redis_where_there_is_data(
    api: Client, serve: Callable[..., Client], corpus_database: str, snapshots: Path, tmp_path: Path
):
    """Random ids find nothing: this run asks about what there is, and is not led by the document's examples."""
    key = {"Authorization": f"Bearer {make_key(corpus_database, 'reader')}"}
    said, some = there_is(api), max(1, EXAMPLES // 3)
    bare = serve(corpus_database, redis_url=None, bulk_dir=str(snapshots))
    holds(bare, tmp_path, Fuzz(examples=some, phases="fuzzing,stateful", said=said, headers=key, bare=True))


@pytest.mark.parametrize("tags", GROUPS, ids=lambda tags: tags[0])
def test_links_lead_where_they_say(api: Client, tmp_path: Path, tags: list[str]):
    """Long chains of valid requests: in the runs above most chains end at once, in an empty list. Each group has its own seed."""
    chosen = [option for one in (*tags, *LED_TO) for option in ("--include-tag", one)]
    run = Fuzz(examples=max(1, EXAMPLES // 4), seed=SEED + GROUPS.index(tags), phases="stateful",
               options=("--mode", "positive", *chosen))  # fmt: skip
    holds(api, tmp_path, run)


@pytest.mark.parametrize("form", OTHER_FORMS)
def test_other_forms_hold(api: Client, tmp_path: Path, form: str):
    holds(api, tmp_path, msgspec.structs.replace(of_form(api, form), examples=max(1, EXAMPLES // 6)))


def test_the_contract_holds_over_an_empty_store(serve: Callable[..., Client], empty_database: str, tmp_path: Path):
    holds(serve(empty_database), tmp_path, Fuzz(examples=max(1, EXAMPLES // 10), phases="examples,fuzzing,stateful"))


def test_a_document_without_examples_has_the_rest():
    bare = without_examples(DOCUMENT)
    assert bare["paths"].keys() == DOCUMENT["paths"].keys()
    assert '"example"' not in str(bare["paths"]).replace("'", '"')
    kept = {"properties": {"example": {"type": "string"}}}
    assert without_examples({**kept, "example": 1, "examples": [2]}) == kept
