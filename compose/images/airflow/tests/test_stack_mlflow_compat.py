"""Runs in any Python: Airflow and the provider are stood in for by modules made here.

python -m pytest compose/images/airflow/tests
"""

import importlib
import logging
import sys
import textwrap
from pathlib import Path

import pytest

MODULE = "stack_mlflow_compat"
STAND_INS = {
    "airflow/__init__.py": "",
    "airflow/utils/__init__.py": "",
    "airflow/utils/decorators.py": "",
    "airflow/operators/__init__.py": "",
    "airflow/operators/python.py": "",
    "airflow/providers/__init__.py": "",
    "airflow/providers/standard/__init__.py": "",
    "airflow/providers/standard/operators/__init__.py": "",
    "airflow/providers/standard/operators/python.py": """
        class _BasePythonVirtualenvOperator:
            def __init__(self, *, serializer):
                self.serializer = serializer
            def _execute_python_callable_in_subprocess(self, python_path):
                return python_path, self._bundle_path

        class PythonVirtualenvOperator:
            def __init__(self, *, requirements, system_site_packages, **_kwargs):
                self.requirements = requirements
                self.is_isolated = not system_site_packages
            def _ensure_venv_cache_exists(self, folder):
                made = folder / "venv-1234"
                (made / "bin").mkdir(parents=True, exist_ok=True)
                (made / "lib").mkdir(exist_ok=True)
                (made / "pyvenv.cfg").write_text(f"{self.requirements} {self.is_isolated}")
                return made
        """,
    "mlflow_provider/__init__.py": "",
    "mlflow_provider/hooks/__init__.py": "",
    "mlflow_provider/hooks/client.py": """
        class Session:
            verify = True
        class MLflowClientHook:
            def get_conn(self, headers=None):
                session = Session()
                session.headers = headers
                return session
        """,
    "mlflow_provider/operators/__init__.py": "",
    "mlflow_provider/operators/registry.py": "from airflow.utils.decorators import apply_defaults",
    "mlflow_provider/operators/pyfunc.py": """
        from airflow.operators.python import _BasePythonVirtualenvOperator
        from airflow.utils import python_virtualenv
        """,
}


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Start with the given setting, Airflow and provider being stand-ins whose files can be replaced."""
    saved_modules, saved_path = dict(sys.modules), list(sys.meta_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def run(setting=None, **replaced):
        for path, text in {**STAND_INS, **replaced}.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text))
        for name in list(sys.modules):
            if name.split(".")[0] in ("airflow", "mlflow_provider", MODULE):
                del sys.modules[name]
        monkeypatch.delenv("STACK_MLFLOW_PROVIDER_COMPAT", raising=False)
        if setting is not None:
            monkeypatch.setenv("STACK_MLFLOW_PROVIDER_COMPAT", setting)
        monkeypatch.syspath_prepend(str(Path(__file__).parent.parent))
        monkeypatch.syspath_prepend(str(tmp_path))
        sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ not in (MODULE, "stack_traps")]
        importlib.invalidate_caches()
        importlib.import_module(MODULE)

    yield run
    sys.meta_path[:] = saved_path
    sys.modules.clear()
    sys.modules.update(saved_modules)


def test_starting_python_imports_no_airflow(start):
    start()
    assert "airflow" not in sys.modules


def test_registry_operators_find_apply_defaults(start):
    start()
    registry = importlib.import_module("mlflow_provider.operators.registry")
    assert registry.apply_defaults(len) is len


@pytest.fixture
def pyfunc(start):
    start()
    return importlib.import_module("mlflow_provider.operators.pyfunc")


def test_pyfunc_operator_finds_its_base_class_with_use_dill(pyfunc):
    assert pyfunc._BasePythonVirtualenvOperator(use_dill=False).serializer == "pickle"
    assert pyfunc._BasePythonVirtualenvOperator(use_dill=True).serializer == "dill"


def test_pyfunc_operator_runs_its_function_with_the_old_arguments_and_no_bundle(pyfunc):
    operator = pyfunc._BasePythonVirtualenvOperator()
    assert operator._execute_python_callable_in_subprocess("python", "folder") == ("python", None)


def test_pyfunc_operator_gets_an_environment_from_the_cache(pyfunc, tmp_path, monkeypatch):
    monkeypatch.setenv("STACK_VENV_CACHE", str(tmp_path / "cache"))
    requirements, folder = tmp_path / "requirements.txt", tmp_path / "venv"
    requirements.write_text("humanize==4\n")
    folder.mkdir()
    pyfunc.python_virtualenv.prepare_virtualenv(
        venv_directory=str(folder),
        python_bin=None,
        system_site_packages=False,
        requirements_file_path=str(requirements),
    )
    version = "python{}.{}".format(*sys.version_info)
    assert (folder / "bin").resolve() == tmp_path / "cache" / version / "venv-1234" / "bin"
    assert (folder / "lib").is_dir()
    assert (folder / "pyvenv.cfg").read_text() == "['humanize==4\\n', 'boto3'] True"


@pytest.mark.parametrize("setting", ["off", "OFF", "false", "0"])
def test_off_leaves_the_provider_as_it_is(start, setting):
    start(setting)
    with pytest.raises(ImportError, match="apply_defaults"):
        importlib.import_module("mlflow_provider.operators.registry")


def test_registry_operators_do_without_the_standard_provider(start, caplog):
    start(**{"airflow/providers/standard/operators/python.py": "raise ImportError('no such provider')"})
    importlib.import_module("mlflow_provider.operators.registry")
    assert "ModelLoadAndPredictOperator stays broken: no such provider" in caplog.text


def test_says_once_when_airflow_has_the_name_again(start, caplog):
    caplog.set_level(logging.WARNING)
    start(**{"airflow/utils/decorators.py": "def apply_defaults(function): return 'theirs'"})
    registry = importlib.import_module("mlflow_provider.operators.registry")
    assert registry.apply_defaults(len) == "theirs"
    assert caplog.text.count("no longer needed") == 1


@pytest.mark.parametrize("bundle, verify", [("/etc/ca.pem", "/etc/ca.pem"), ("", True), (None, True)])
def test_client_hook_trusts_what_requests_is_told_to(start, monkeypatch, bundle, verify):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    if bundle is not None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    start()
    client = importlib.import_module("mlflow_provider.hooks.client")
    session = client.MLflowClientHook().get_conn({"a": "b"})
    assert (session.verify, session.headers) == (verify, {"a": "b"})


def test_off_leaves_the_client_hook_as_it_is(start, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ca.pem")
    start("off")
    client = importlib.import_module("mlflow_provider.hooks.client")
    assert client.MLflowClientHook().get_conn().verify is True


def test_says_once_when_the_provider_does_without_the_name(start, caplog):
    caplog.set_level(logging.WARNING)
    start(**{"mlflow_provider/operators/registry.py": "", "mlflow_provider/operators/deployment.py": ""})
    importlib.import_module("mlflow_provider.operators.registry")
    importlib.import_module("mlflow_provider.operators.deployment")
    assert not hasattr(importlib.import_module("airflow.utils.decorators"), "apply_defaults")
    assert caplog.text.count("no longer needed") == 1


def test_says_nothing_while_the_provider_needs_the_name(start, caplog):
    caplog.set_level(logging.WARNING)
    start()
    importlib.import_module("mlflow_provider.operators.registry")
    assert caplog.text == ""
