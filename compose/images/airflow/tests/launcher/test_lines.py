from stack_launcher.lines import LONGEST, LineSplitter


def test_every_line_names_its_component():
    splitter = LineSplitter("scheduler", 13)
    assert splitter.feed(b"one\ntwo\n") == [b"scheduler     | one\n", b"scheduler     | two\n"]


def test_a_line_that_comes_in_parts_is_kept_until_it_is_whole():
    splitter = LineSplitter("api", 3)
    assert splitter.feed(b"hal") == []
    assert splitter.feed(b"f\nnext") == [b"api | half\n"]
    assert splitter.flush() == [b"api | next\n"]
    assert splitter.flush() == []


def test_empty_lines_and_bytes_that_are_no_text_pass_through():
    assert LineSplitter("a", 1).feed(b"\n\xff\n") == [b"a | \n", b"a | \xff\n"]


def test_a_line_without_an_end_is_cut():
    splitter = LineSplitter("a", 1)
    assert splitter.feed(b"x" * LONGEST) == []
    assert splitter.feed(b"y") == [b"a | " + b"x" * LONGEST + b"y\n"]
    assert splitter.flush() == []
