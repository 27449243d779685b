"""Runs in any Python: skops is stood in for; test_libraries_of_airflow.py compares what the real one comes to."""

import logging
import subprocess
import sys
from importlib import metadata
from types import ModuleType, SimpleNamespace

import pytest
import stack_skops
from stack_skops import TESTED_SKOPS, quick, repair

RECIPE = stack_skops.__file__.rpartition("/")[0]


class Function:
    """As numpy's: it has a name and no module."""

    __module__ = None


class Lazy(ModuleType):
    def __getattr__(self, name):
        raise RuntimeError("was woken")


def left_to_stock(obj, name):
    return "stock"


def module_of(monkeypatch, obj, **modules):
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    return quick(left_to_stock)(obj, "add_all")


def holder(name, obj):
    module = ModuleType(name)
    module.add_all = obj
    return module


def test_a_function_that_tells_its_module_is_believed():
    assert quick(left_to_stock)(SimpleNamespace(__module__="numpy"), "add_all") == "numpy"


def test_the_first_module_that_has_it_under_its_name_is_the_one(monkeypatch):
    function = Function()
    modules = {"zz_other": holder("zz_other", Function()), "zz_first": holder("zz_first", function)}
    modules["zz_second"] = holder("zz_second", function)
    assert module_of(monkeypatch, function, **modules) == "zz_first"


def test_no_lazy_module_is_woken_and_nothing_else_is_minded(monkeypatch):
    class Guarded:
        __slots__ = ()

    modules = {"zz_lazy": Lazy("zz_lazy"), "zz_none": None, "zz_slots": Guarded()}
    function = Function()
    modules["zz_there"] = holder("zz_there", function)
    assert module_of(monkeypatch, function, **modules) == "zz_there"


def test_the_program_itself_counts_as_nobodys(monkeypatch):
    function = Function()
    assert module_of(monkeypatch, function, __main__=holder("__main__", function)) == "stock"


def test_what_is_not_found_is_left_to_skops(monkeypatch):
    assert module_of(monkeypatch, Function()) == "stock"


@pytest.mark.parametrize(("found", "is_quick"), [(min(TESTED_SKOPS), True), ("99.0", False)])
def test_an_untested_skops_is_left_alone_with_a_warning(monkeypatch, caplog, found, is_quick):
    monkeypatch.setattr(metadata, "version", lambda _name: found)
    utils = SimpleNamespace(whichmodule=left_to_stock)
    with caplog.at_level(logging.WARNING):
        repair(utils)
    assert (utils.whichmodule is not left_to_stock) is is_quick
    assert [record.levelname for record in caplog.records] == ([] if is_quick else ["WARNING"])


@pytest.mark.parametrize(("value", "is_quick"), [("on", True), ("off", False), ("0", False)])
def test_is_set_when_skops_is_imported_unless_turned_off(tmp_path, value, is_quick):
    package = tmp_path / "skops" / "io"
    package.mkdir(parents=True)
    (tmp_path / "skops" / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "_utils.py").write_text("def whichmodule(obj, name): pass\n")
    info = tmp_path / f"skops-{min(TESTED_SKOPS)}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: skops\nVersion: {min(TESTED_SKOPS)}\n")
    code = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {RECIPE!r}]; import stack_skops, skops.io._utils as utils; "
        "print(utils.whichmodule.__code__.co_filename == stack_skops.__file__)"
    )
    # No site packages: the image's would set it first.
    program = [sys.executable, "-S", "-c", code]
    told = subprocess.run(program, env={"STACK_SKOPS": value}, capture_output=True, text=True, check=True)
    assert told.stdout == f"{is_quick}\n"
