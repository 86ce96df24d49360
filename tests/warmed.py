"""What every server and command of a run makes for itself once, made before they are forked: types, handlers, signatures."""

import gc

import almanac.bulk.snapshot
import almanac.exports.worker
import almanac.partner.keep
import almanac.partner.targets  # noqa: F401 - commands import these when they begin
from almanac.app import create_app
from almanac.settings import Settings

create_app(Settings.read({"ALMANAC_DATABASE_URL": "postgresql:///nobody-asks-it"}))
# Counting what is shared would copy it into each of them.
gc.collect()
gc.freeze()
