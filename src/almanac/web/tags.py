"""What each group of operations is about, for readers who see the contract for the first time."""

from collections.abc import Iterable, Sequence
from typing import Any

from almanac.kind import Kind

_ABOUT = {
    "Bulk": "The whole corpus as files that never change: snapshots, the deltas between them, manifests.",
    "Changes": "Every version that was ever published, in order: read on where you stopped, and miss nothing.",
    "Companies": "Who reports: names, identifiers, the newest answer of every kind, and what changed when.",
    "Disclosures": "One question about one company by its id, and each version of the answer to it.",
    "Editions": "The publishes that made the corpus what it is. Each has a number; `edition` of any read goes back to it.",
    "Emission deltas": "What a company claims to have changed, beside what its own reported levels give.",
    "Exports": "A list of your choice, complete, as a file: ordered, made beside the service, kept for some days.",
    "Frames": "One metric in one period for all companies, to compare them.",
    "Service": "The service itself: its pages, its contract, its problems, its health.",
    "Sources": "The documents that answers come from: publisher, date, digest, licence.",
    "Submissions": "Publishing over HTTP with a key, whole or not at all.",
    "Target progress": "How far each target has come, by the levels that the company reported.",
    "Vocabulary": "What metrics, kinds and coverage there are: where to begin when you look for what to ask.",
}


def described(names: Iterable[str], kinds: Sequence[Kind]) -> list[dict[str, Any]]:
    """The tags in this order; those of kinds say what the kind holds. KeyError for a tag that nobody described."""
    about = _ABOUT | {kind.title: kind.about for kind in kinds}
    return [{"name": name, "description": about[name]} for name in names]
