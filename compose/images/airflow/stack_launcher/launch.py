"""The start: import and database at the same time, then a migration if one is needed, then the components."""

from __future__ import annotations

import os
import signal
import sys
import time

from stack_launcher.components import API_SERVER, DAG_PROCESSOR, SCHEDULER, TRIGGERER, Component
from stack_launcher.database import DatabaseWait, connect
from stack_launcher.deviations import (
    child_ends,
    hosts,
    leftovers,
    migration,
    newest,
    preload,
    rounds,
    routes,
    trigger_end,
    warm_up,
    watch,
)
from stack_launcher.deviations.collection import no_collection
from stack_launcher.deviations.switches import Switches, read_switches
from stack_launcher.early_output import named_lines
from stack_launcher.hands import LAUNCHER, WIDTH, Hands
from stack_launcher.linux import adopt_orphans
from stack_launcher.loop import run_loop
from stack_launcher.migration_run import MigrationRun
from stack_launcher.observer import Place
from stack_launcher.outputs import open_output
from stack_launcher.settings import Settings, SettingsError, read_settings
from stack_launcher.sink import Sink, open_stdout
from stack_launcher.status import Board, Timeline
from stack_launcher.supervisor import Supervisor
from stack_launcher.template import import_airflow, own_database_engine, place, run_command


def main() -> int:
    """Runs until it is stopped; returns the exit status."""
    started_at = time.time()
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        print(f"launcher: {error}", file=sys.stderr)
        return 2
    # Until there is something that has to be ended in order.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    return launch(settings, read_switches(os.environ), Timeline(started_at))


def launch(settings: Settings, switches: Switches, timeline: Timeline) -> int:
    board = Board(settings.folder)
    board.clear()
    adopt_orphans()
    with named_lines(open_output(LAUNCHER, WIDTH)):
        revision = import_beside_database(settings, switches, timeline)

    seen_at = place(settings.database_url)
    hands = Hands(board, Sink(open_stdout()), seen_at)
    if switches.warning:
        hands.say(switches.warning)
    if migration.is_needed(switches.is_on("MIGRATION"), revision):
        run = MigrationRun(hands, migrate)
        begin = time.time()
        status = run_loop(hands, run)
        timeline.add("migrate", begin, time.time())
        if status != 0 or run.is_stopped:
            return status
    kit = Kit(settings, switches, seen_at)
    return run_loop(hands, Supervisor(hands, kit.run, timeline, settings.stop_limit_s, time.time()))


def import_beside_database(settings: Settings, switches: Switches, timeline: Timeline) -> str | None:
    """Returns the database's schema revision."""
    database = DatabaseWait(lambda: connect(settings.database_url))
    database.start()
    with no_collection(switches.is_on("GC")):
        routes.install(switches.is_on("ROUTES"))
        import_airflow()
    timeline.add("import", timeline.started_at, time.time())
    database.join()
    timeline.add("database", timeline.started_at, database.ready_at)
    return database.revision


def migrate() -> None:
    own_database_engine()
    run_command(("db", "migrate"))


class Kit:
    """What each component does in its own process."""

    def __init__(self, settings: Settings, switches: Switches, place: Place) -> None:
        self._settings = settings
        self._switches = switches
        self._place = place

    def run(self, component: Component) -> None:
        own_database_engine()
        child_ends.install(self._switches.is_on("CHILD_ENDS"))
        if component.name == API_SERVER:
            self._prepare_api_server()
        elif component.name == SCHEDULER:
            self._prepare_scheduler()
        elif component.name == DAG_PROCESSOR:
            watch.install(self._switches.is_on("WATCH"))
        elif component.name == TRIGGERER:
            trigger_end.install(self._switches.is_on("TRIGGER_END"))
        run_command(component.command)

    def _prepare_api_server(self) -> None:
        """Builds the application before the command asks for it."""
        with no_collection(self._switches.is_on("GC")):
            newest.install(self._switches.is_on("NEWEST"))
            from airflow.api_fastapi.main import app
        hosts.install(self._switches.is_on("HOSTS"), app, os.environ)
        warm_up.install(self._switches.is_on("WARM_UP"), self._place.api_port)

    def _prepare_scheduler(self) -> None:
        migration.do_the_rest(self._switches.is_on("MIGRATION"))
        if self._switches.is_on("LEFTOVERS"):
            connection = connect(self._settings.database_url)
            leftovers.mark_failed(connection, self._place.hostname, time.time())
            connection.close()
        rounds.install(self._switches.is_on("ROUNDS"))
        preload.install(self._switches.is_on("PRELOAD"), self._settings.folder / "healthy")
