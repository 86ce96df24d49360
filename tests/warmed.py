"""What every server of a run makes for itself once, made before they are forked: types, handlers, their signatures."""

import gc

from almanac.app import create_app
from almanac.settings import Settings

create_app(Settings.read({"ALMANAC_DATABASE_URL": "postgresql:///nobody-asks-it"}))
# Counting what is shared would copy it into each of them.
gc.collect()
gc.freeze()
