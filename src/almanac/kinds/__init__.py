"""The registry of kinds: a new kind is a module beside this one, its SQL, and its line here."""

from almanac.kinds import (
    awards,
    certifications,
    claimed_changes,
    commitments,
    emissions,
    identity_events,
    indicators,
    ratings,
    targets,
)

KINDS = (
    emissions.KIND,
    claimed_changes.KIND,
    ratings.KIND,
    targets.KIND,
    commitments.KIND,
    certifications.KIND,
    awards.KIND,
    indicators.KIND,
    identity_events.KIND,
)
