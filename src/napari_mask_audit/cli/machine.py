"""What an audit prints for other programs: GitHub annotations and JUnit XML."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from ..audit import Audit
from ..errors import Problem
from ..limits import LimitCheck


def github_lines(audit: Audit, checks: Sequence[LimitCheck]) -> list[str]:
    """Workflow commands: an error for each limit that is not met, a warning for each problem.

    The format is that of GitHub Actions' workflow commands.
    """
    lines = [
        _command("error" if not check.met else "notice", "mask-audit", check.sentence())
        for check in checks
    ]
    return lines + [_problem_line(problem) for problem in audit.problems]


def junit_xml(audit: Audit, checks: Sequence[LimitCheck]) -> str:
    """A JUnit report: a suite per comparison with a case per limit, and one for the files.

    A limit that is not met is a failure, a file that could not be used an error.
    """
    root = ElementTree.Element("testsuites", name="mask-audit")
    for comparison in audit.comparisons:
        pair = (comparison.reference, comparison.candidate)
        of_pair = [check for check in checks if (check.reference, check.candidate) == pair]
        if of_pair:
            _limit_suite(root, of_pair)
    name = str(audit.dataset.get("name", "dataset"))
    _problem_suite(root, name, audit.problems)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False)


def _limit_suite(root: ElementTree.Element, checks: Sequence[LimitCheck]) -> None:
    first = checks[0]
    name = _clean(f"{first.candidate} against {first.reference}")
    failures = str(sum(not check.met for check in checks))
    counts = {"name": name, "tests": str(len(checks)), "failures": failures, "errors": "0"}
    suite = ElementTree.SubElement(root, "testsuite", counts)
    for check in checks:
        title = _clean(str(check.limit))
        case = ElementTree.SubElement(suite, "testcase", classname=name, name=title)
        if not check.met:
            sentence = _clean(check.sentence())
            ElementTree.SubElement(case, "failure", message=sentence).text = sentence


def _problem_suite(root: ElementTree.Element, name: str, problems: Sequence[Problem]) -> None:
    counts = {
        "name": _clean(f"files of {name}"),
        "tests": str(max(1, len(problems))),
        "failures": "0",
        "errors": str(len(problems)),
    }
    suite = ElementTree.SubElement(root, "testsuite", counts)
    if not problems:
        ElementTree.SubElement(suite, "testcase", classname="files", name="every file was used")
    for problem in problems:
        title = _clean(f"{problem.code} {problem.file or problem.sample or ''}".strip())
        case = ElementTree.SubElement(suite, "testcase", classname="files", name=title)
        message = _clean(problem.message)
        ElementTree.SubElement(case, "error", message=message, type=problem.code).text = message


def _problem_line(problem: Problem) -> str:
    where = problem.sample or ""
    message = f"{where}: {problem.message}" if where else problem.message
    return _command("warning", problem.code, message, file=problem.file)


def _command(kind: str, title: str, message: str, *, file: str | None = None) -> str:
    place = "" if file is None else f"file={_property(file)},"
    return f"::{kind} {place}title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    """Text in which nothing can end the command or begin another."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _clean(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return "".join(c if _is_xml(ord(c)) else "\ufffd" for c in text)


def _is_xml(code: int) -> bool:
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or code >= 0x10000
    )
