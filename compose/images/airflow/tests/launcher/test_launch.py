from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from fakes import FakeHands
from stack_launcher import launch as module
from stack_launcher.components import COMPONENTS
from stack_launcher.deviations.switches import NAMES, Switches
from stack_launcher.launch import Kit, import_beside_database, launch
from stack_launcher.migration_run import MigrationRun
from stack_launcher.observer import Place
from stack_launcher.settings import Settings
from stack_launcher.status import Timeline
from stack_launcher.supervisor import Supervisor

URL = "postgresql://db/airflow"
PLACE = Place(URL, 8081, "airflow")
ALL = Switches(frozenset(NAMES))
NONE = Switches(frozenset(), "off, since they were not tested")


@pytest.fixture
def settings(tmp_path):
    return Settings(URL, 8.0, tmp_path / "stack")


@pytest.fixture
def done(monkeypatch):
    """What was done, in its order; everything that reaches outside is stood in for."""
    told = []

    def note(name, answer=None):
        return lambda *args: told.append((name, *args)) or answer

    monkeypatch.setattr(module, "own_database_engine", note("own engine"))
    monkeypatch.setattr(module, "run_command", note("run"))
    monkeypatch.setattr(module, "import_airflow", note("import"))
    monkeypatch.setattr(module, "adopt_orphans", note("adopt"))
    monkeypatch.setattr(module, "connect", note("connect", SimpleNamespace(close=note("close"))))
    for name in ("child_ends", "hosts", "newest", "rounds", "routes", "trigger_end", "warm_up", "watch", "preload"):
        monkeypatch.setattr(getattr(module, name), "install", note(name))
    monkeypatch.setattr(module.migration, "do_the_rest", note("rest of the migration"))
    monkeypatch.setattr(
        module.leftovers, "mark_failed", lambda _connection, hostname, _before: told.append(("leftovers", hostname))
    )

    @contextmanager
    def no_collection(is_on):
        told.append(("collection off", is_on))
        yield
        told.append(("collection on", is_on))

    monkeypatch.setattr(module, "no_collection", no_collection)
    monkeypatch.setitem(module.sys.modules, "airflow", SimpleNamespace())
    monkeypatch.setitem(module.sys.modules, "airflow.api_fastapi", SimpleNamespace())
    monkeypatch.setitem(module.sys.modules, "airflow.api_fastapi.main", SimpleNamespace(app="app"))
    return told


def run_component(name, settings, switches):
    component = next(one for one in COMPONENTS if one.name == name)
    Kit(settings, switches, PLACE).run(component)
    return component.command


@pytest.mark.parametrize("switches", [ALL, NONE], ids=["on", "off"])
def test_the_scheduler(done, settings, switches):
    is_on = switches is ALL
    command = run_component("scheduler", settings, switches)
    marked = [("connect", URL), ("leftovers", "airflow"), ("close",)] if is_on else []
    assert done == [
        ("own engine",),
        ("child_ends", is_on),
        ("rest of the migration", is_on),
        *marked,
        ("rounds", is_on),
        ("preload", is_on, settings.folder / "healthy"),
        ("run", command),
    ]


@pytest.mark.parametrize("switches", [ALL, NONE], ids=["on", "off"])
def test_the_api_server(done, settings, switches):
    is_on = switches is ALL
    command = run_component("api-server", settings, switches)
    assert done == [
        ("own engine",),
        ("child_ends", is_on),
        ("collection off", is_on),
        ("newest", is_on),
        ("collection on", is_on),
        ("hosts", is_on, "app", module.os.environ),
        ("warm_up", is_on, 8081),
        ("run", command),
    ]


@pytest.mark.parametrize("switches", [ALL, NONE], ids=["on", "off"])
def test_the_dag_processor(done, settings, switches):
    is_on = switches is ALL
    command = run_component("dag-processor", settings, switches)
    assert done == [("own engine",), ("child_ends", is_on), ("watch", is_on), ("run", command)]


@pytest.mark.parametrize("switches", [ALL, NONE], ids=["on", "off"])
def test_the_triggerer(done, settings, switches):
    is_on = switches is ALL
    command = run_component("triggerer", settings, switches)
    assert done == [("own engine",), ("child_ends", is_on), ("trigger_end", is_on), ("run", command)]


def test_a_migration_has_an_engine_of_its_own(done):
    module.migrate()
    assert done == [("own engine",), ("run", ("db", "migrate"))]


@pytest.mark.parametrize("switches", [ALL, NONE], ids=["on", "off"])
def test_routes_are_put_off_before_the_import_that_goes_on_beside_the_database(done, settings, switches, monkeypatch):
    class Wait:
        revision, ready_at = "abc", 1002.0

        def __init__(self, open_connection):
            self.open = open_connection

        def start(self):
            done.append("wait")
            self.open()

        def join(self):
            done.append("joined")

    monkeypatch.setattr(module, "DatabaseWait", Wait)
    timeline = Timeline(1000.0)
    assert import_beside_database(settings, switches, timeline) == "abc"
    is_on = switches is ALL
    assert done == [
        "wait",
        ("connect", URL),
        ("collection off", is_on),
        ("routes", is_on),
        ("import",),
        ("collection on", is_on),
        "joined",
    ]
    assert [part["name"] for part in timeline.parts] == ["import", "database"]
    assert timeline.parts[1]["end_ms"] == 2000


@pytest.fixture
def start(done, settings, monkeypatch):
    """Starts with a database of that revision, whose head is "head"; returns the status, directors and hands."""

    def begin(revision, switches=ALL, migration_status=0, is_stopped=False):
        hands, directors = FakeHands(), []

        def run_loop(_hands, director):
            directors.append(type(director))
            if isinstance(director, MigrationRun):
                director.is_stopped = is_stopped
                return migration_status
            return 7

        monkeypatch.setattr(module, "import_beside_database", lambda *_: revision)
        monkeypatch.setattr(module.migration, "head_revision", lambda: "head")
        monkeypatch.setattr(module, "place", lambda _: PLACE)
        monkeypatch.setattr(module, "Hands", lambda *_: hands)
        monkeypatch.setattr(module, "open_stdout", lambda: 1)
        monkeypatch.setattr(module, "run_loop", run_loop)
        timeline = Timeline(1000.0)
        status = launch(settings, switches, timeline)
        return SimpleNamespace(status=status, directors=directors, hands=hands, timeline=timeline)

    return begin


def test_on_todays_schema_the_components_are_started(start):
    started = start("head")
    assert (started.status, started.directors, started.hands.said) == (7, [Supervisor], [])


@pytest.mark.parametrize("revision", [None, "older"])
def test_on_any_other_the_migration_comes_first(start, revision):
    started = start(revision)
    assert (started.status, started.directors) == (7, [MigrationRun, Supervisor])
    assert [part["name"] for part in started.timeline.parts][0] == "migrate"


def test_an_untested_version_is_warned_of_once_and_migrates(start):
    started = start("head", NONE)
    assert started.directors == [MigrationRun, Supervisor]
    assert started.hands.said == [NONE.warning]


def test_nothing_is_started_after_a_migration_that_failed(start):
    started = start("older", migration_status=1)
    assert (started.status, started.directors) == (1, [MigrationRun])


def test_nothing_is_started_after_one_that_was_stopped(start):
    started = start("older", is_stopped=True)
    assert (started.status, started.directors) == (0, [MigrationRun])


def test_what_an_earlier_start_left_says_nothing_about_this_one(start, settings):
    settings.folder.mkdir()
    (settings.folder / "healthy").touch()
    start("head")
    assert not (settings.folder / "healthy").exists()
