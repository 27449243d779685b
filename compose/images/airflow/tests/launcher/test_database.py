from stack_launcher.database import DatabaseWait, schema_revision


class Answers:
    """A connection whose queries have these answers, in this order."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.is_closed = False

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def execute(self, _query, _parameters=None):
        pass

    def fetchall(self):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self):
        self.is_closed = True


def test_an_empty_database_has_no_revision():
    assert schema_revision(Answers([(None,)])) is None


def test_the_revision_of_one_that_was_migrated():
    assert schema_revision(Answers([("alembic_version",)], [("d2f4e1b3c5a7",)])) == "d2f4e1b3c5a7"


def test_a_migration_that_was_interrupted_left_no_revision():
    assert schema_revision(Answers([("alembic_version",)], [])) is None


def test_waits_until_the_database_lets_it_in_and_answers():
    good = Answers([("alembic_version",)], [("abc",)])
    outcomes = [OSError("refused"), Answers(OSError("shutting down")), good]

    def connect():
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    wait = DatabaseWait(connect)
    wait.run()
    assert (wait.revision, good.is_closed, outcomes) == ("abc", True, [])
    assert wait.ready_at > 0


def test_says_what_it_waits_for_when_that_takes_long(monkeypatch, capsys):
    moments = iter([0.0, 5.0, 10.0, 10.0, 15.0, 20.0])
    monkeypatch.setattr("stack_launcher.database.time.monotonic", lambda: next(moments))
    monkeypatch.setattr("stack_launcher.database.POLL_S", 0)
    outcomes = [OSError("no such\nhost")] * 3 + [Answers([(None,)])]

    def connect():
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    DatabaseWait(connect).run()
    assert capsys.readouterr().out == "still waiting for the database: no such host\n"
