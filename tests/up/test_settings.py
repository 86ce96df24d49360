"""Settings: a closed list, checked, secrets hidden; and the log, which is a closed list too."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from almanac import events
from almanac.environment import BadSetting, described
from almanac.settings import Settings
from tests.up.running import environment
from tests.up.test_up import almanac

GOLDEN = Path(__file__).parent / "settings.txt"


def test_the_list_of_settings_is_the_published_one(tmp_path: Path) -> None:
    """Removing or renaming a setting breaks whoever sets it; run with UPDATE_GOLDEN=1 if that is meant."""
    state = str(tmp_path / ".almanac")
    shown = almanac(tmp_path, "settings").stdout.replace(state, ".almanac")
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(shown, "utf-8")
    assert shown == GOLDEN.read_text("utf-8")


def test_every_setting_is_described_in_a_sentence() -> None:
    assert all(text.endswith(".") for text in described(Settings).values())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALMANAC_PROT", "1", "did you mean ALMANAC_PORT?"),
        ("ALMANAC_port", "1", "did you mean ALMANAC_PORT?"),
        ("ALMANAC_ZZZZ", "1", "ALMANAC_ZZZZ is no setting"),
        ("ALMANAC_PORT", "80a", "ALMANAC_PORT='80a'"),
        ("ALMANAC_PORT", "65536", "<= 65535"),
        ("ALMANAC_WORKERS", "0", ">= 1"),
        ("ALMANAC_PUBLIC_URL", "https://example.org/", "ALMANAC_PUBLIC_URL"),
        ("ALMANAC_PUBLIC_URL", "example.org", "ALMANAC_PUBLIC_URL"),
        ("ALMANAC_RATE_KEY", "60", "ALMANAC_RATE_KEY='60'"),
        ("ALMANAC_RATE_ANONYMOUS", "0/6s", "ALMANAC_RATE_ANONYMOUS='0/6s'"),
        ("ALMANAC_BULK_STORE", "https://bucket/folder", "such as s3://bucket/folder"),
        ("ALMANAC_BULK_STORE", "s3://key:hunter2@bucket", "such as s3://bucket/folder"),
        ("ALMANAC_BULK_STORE", "s3://bucket/folder/", "no slash is at the end"),
        ("ALMANAC_BULK_STORE", "s3://bucket/../other", "letters, digits"),
        ("ALMANAC_BULK_STORE_ENDPOINT", "minio:9000", "such as https://s3.example.org"),
        ("ALMANAC_BULK_STORE_ENDPOINT", "https://key:hunter2@minio", "no name or key of anybody"),
        ("ALMANAC_BULK_STORE_ENDPOINT", "https://minio", "without ALMANAC_BULK_STORE=s3://bucket/folder"),
        ("ALMANAC_BULK_STORE_PUBLIC_URL", "https://cdn.example/x?y", "https://files.example.org/folder"),
        ("ALMANAC_BULK_STORE_REGION", "EU west", "such as eu-central-1"),
        ("ALMANAC_BULK_STORE_URL_S", "59", ">= 60"),
    ],
)
def test_what_is_no_setting_is_refused_by_name(name: str, value: str, said: str) -> None:
    with pytest.raises(BadSetting) as refused:
        Settings.read({name: value})
    assert said in refused.value.detail
    assert "hunter2" not in refused.value.detail


def test_every_setting_can_be_set_to_what_it_is_by_default() -> None:
    """A bound that does not fit its type fails only when somebody sets it."""
    given = dict.fromkeys(("ALMANAC_RATE_ANONYMOUS", "ALMANAC_RATE_KEY"), "off") | {
        "ALMANAC_BULK_KEEP_DAYS": "30",
        "ALMANAC_BULK_STORE": "s3://bucket/folder",
        "ALMANAC_BULK_STORE_REGION": "eu-central-1",
    }
    told = {
        name: given.get(name, "http://8") if value is None else str(value) for name, value in Settings().shown().items()
    }
    told["ALMANAC_TRUSTED_PROXIES"] = "10.0.0.0/8"
    assert set(Settings.read(told).shown()) == set(told)


def test_an_empty_value_is_no_value_and_other_variables_are_not_ours() -> None:
    assert Settings.read({"ALMANAC_PORT": "", "PORT": "x", "ALMANACS": "y"}) == Settings()


def test_secrets_are_usable_and_never_shown() -> None:
    url = "postgresql://almanac:hunter2@db/almanac"
    settings = Settings.read({"ALMANAC_DATABASE_URL": url, "ALMANAC_REDIS_URL": "redis://:hunter2@cache"})
    assert str(settings.database_url) == url
    assert "hunter2" not in repr(settings) + repr(settings.shown())
    assert settings.write_url == url


def test_usage_errors_exit_with_2(tmp_path: Path) -> None:
    done = almanac(tmp_path, "settings", "--nope")
    assert done.returncode == 2
    done = almanac(tmp_path, "settings", ALMANAC_PROT="1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_serve_without_a_database_says_what_to_set(tmp_path: Path) -> None:
    done = almanac(tmp_path, "serve")
    assert done.returncode == 1
    assert "ALMANAC_DATABASE_URL" in done.stderr


def test_an_event_is_one_json_line_and_is_counted(capfd: pytest.CaptureFixture[str]) -> None:
    before = events.counters()["CacheUnavailable"]
    events.emit(events.CacheUnavailable(error='two\nlines and a "quote"'))
    line = capfd.readouterr().err
    assert line.count("\n") == 1
    parsed = json.loads(line)
    assert parsed.pop("ts").endswith("Z")
    assert parsed == {"event": "cache_unavailable", "error": 'two\nlines and a "quote"'}
    assert events.counters()["CacheUnavailable"] == before + 1


def test_a_log_that_nobody_reads_loses_lines_and_stops_nothing() -> None:
    """A full pipe once stopped the API: the worker waited in `write` for ever."""
    program = (
        "from almanac import events\n"
        "for n in range(20_000): events.emit(events.EditionChanged(edition=n))\n"
        "print('done', flush=True)\n"
        "input()\n"
        "events.emit(events.Stopped())\n"
    )
    pipe = subprocess.PIPE
    line = [sys.executable, "-c", program]
    with subprocess.Popen(line, env=environment(Path()), stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout.readline() == b"done\n"
        log = os.read(process.stderr.fileno(), 1 << 20)
        log += process.communicate(b"\n", timeout=30)[1]
    *kept, lost, last = [json.loads(line) for line in log.splitlines()]
    assert last["event"] == "stopped"
    assert len(kept) + lost["count"] == 20_000


def test_help_is_fast_because_it_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys; sys.argv = ['almanac', '--help']\n"
        "from almanac.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: print([n for n in ('litestar', 'asyncpg', 'redis', 'granian') if n in sys.modules])\n"
    )
    assert almanac(tmp_path, program=("-c", program)).stdout.splitlines()[-1] == "[]"
