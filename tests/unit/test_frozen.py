"""A worker of the server looks through what it was made of no more: that held every caller up for 70 ms, again and again."""

import subprocess
import sys

SAYS = """
import gc
from almanac.serve import application
made = application(None)
print(gc.get_freeze_count(), len(gc.get_objects()))
"""


def test_what_a_worker_is_made_of_is_looked_through_no_more():
    environment = {"ALMANAC_DATABASE_URL": "postgresql:///nobody-asks-it"}
    said = subprocess.run([sys.executable, "-c", SAYS], env=environment, capture_output=True, text=True, check=True)
    frozen, looked_through = map(int, said.stdout.split())
    assert frozen > 100 * looked_through
