"""A submission that carries a payload everywhere a string can be."""

from __future__ import annotations

import base64

from nbformat import NotebookNode, from_dict

from autograder.results import (
    CellResult,
    CheckResult,
    ConfusionMatrix,
    Curve,
    LimitHit,
    NotebookResult,
    Protection,
    SubmissionResult,
)

# {address} is where a payload that works would be heard.
PAYLOADS = {
    "script": "<script>document.title='owned';fetch('{address}')</script>",
    "closed style": "</style></title></textarea><script src='{address}'></script>",
    "closed pre": "</pre></code></main><script>document.title='owned'</script>",
    "attribute": '" onmouseover="document.title=\'owned\'" onfocus=\'document.title="owned"\' autofocus x="',
    "image error": "<img src=x onerror=\"document.title='owned'\"><img src='{address}'>",
    "svg": "<svg onload=\"document.title='owned'\"><image href='{address}'/><script>document.title='owned'</script>",
    "frame": "<iframe srcdoc=\"<script>parent.document.title='owned'</script>\"></iframe><iframe src='{address}'>",
    "base": "<base href='{address}'><link rel=stylesheet href='{address}'>",
    "refresh": "<meta http-equiv=refresh content='0;url={address}'>",
    "form": "<form action='{address}'><button autofocus>x</button><input name=q></form>",
    "style": "<style>@import '{address}'; p {background: url({address})}</style><p style='background:url({address})'>",
    "object": "<object data='{address}'></object><embed src='{address}'><video src='{address}' autoplay></video>",
    "nested": '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "mutation": "<noscript><p title=\"</noscript><img src=x onerror=document.title='owned'>\">",
    "link": "[x](javascript:alert(1)) [y](data:text/html,<script>alert(1)</script>) [z]({address}) <{address}>",
    "reference": '![x][1]\n\n[1]: {address} "</script>"\n\n![x]({address}) ![x](data:image/svg+xml;base64,PHN2Zz4=)',
    "maths": "$\\href{javascript:alert(1)}{x}$ $$</code><script>document.title='owned'</script>$$",
    "mermaid": '```mermaid\ngraph TD; A-->B; click A "javascript:alert(1)"\n```',
    "terminal": "\x1b]8;;{address}\x07<b>click</b>\x1b]8;;\x07\x1b]0;owned\x07\x1b[2J\x9b31m",
    "template": "{{ 7 * 7 }}{% raw %}{{ config }} ${7*7}",
    "direction": "\u202e<script>\u202c\u200b\ufeff\x00\x0b" + "e\u0301\u0302" * 1_000,
    "table": "<table background='{address}' onclick='x()'><tr><td><a href='javascript:x()'>a<td><form><script>x()",
}


def payload(name: str, address: str = "http://127.0.0.1:9/") -> str:
    """The payload, calling `address` where it works."""
    return PAYLOADS[name].replace("{address}", address)


def submission(text: str) -> SubmissionResult:
    """A record with `text` in every string."""
    figures = (
        Curve(title=text, x_label=text, y_label=text, series={text: (1.0, 2.0), text + "2": (2.0, 1.0)}),
        ConfusionMatrix(title=text, labels=(text, "b"), counts=((1, 2), (3, 4))),
    )
    check = CheckResult(
        name=text,
        sentence=text,
        verdict="failed",
        fraction=0.5,
        weight=1.0,
        evidence="measured",
        message=text,
        hint=text,
        fault=text,
        figures=figures,
    )
    unjudged = check.model_copy(update={"verdict": "could_not_judge", "fraction": None, "passed": None})
    cells = (
        CellResult(cell=text, kind="checks", points=2.0, score=1.0, status="graded", message=text, checks=(check,)),
        CellResult(
            cell=text + "2", kind="checks", points=2.0, score=None, status="could_not_judge", checks=(unjudged,)
        ),
    )
    limit = LimitHit(limit="memory", cell=text, value=1.0, unit=text, sentence=text)
    notebook = NotebookResult(
        notebook=text, score=1.0, max_score=4.0, status="could_not_judge", cells=cells, limits=(limit,), notes=(text,)
    )
    return SubmissionResult(
        course=text,
        student=text,
        assignment=text,
        score=1.0,
        max_score=4.0,
        status="could_not_judge",
        notebooks=(notebook,),
        notes=(text,),
        protection=Protection(level="none", holds={text: False}),
        key=text,
        started=text,
        seconds=1.0,
        versions={text: text},
    )


def notebook(text: str) -> NotebookNode:
    """A notebook with `text` in every place a student can write to."""
    encoded = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    bundle = dict.fromkeys(
        (
            *("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml", "application/javascript"),
            *("application/vnd.jupyter.widget-view+json", "text/vnd.mermaid", text),
        ),
        text,
    )
    outputs = [{"output_type": "display_data", "data": {mime: data}, "metadata": {}} for mime, data in bundle.items()]
    outputs += [
        {"output_type": "stream", "name": "stdout", "text": text},
        {"output_type": "stream", "name": text, "text": [text, text]},
        {"output_type": "error", "ename": text, "evalue": text, "traceback": [text, text]},
        {"output_type": "display_data", "data": {"image/png": encoded, "text/plain": text}},
        {"output_type": "display_data", "data": {"image/jpeg": f'x" onerror="alert(1)"{encoded}'}},
        {"output_type": "display_data", "data": {"text/html": f"<table><tr><td>{text}</td></tr></table>"}},
        {
            "output_type": "display_data",
            "data": {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{text}</svg>"},
        },
        {"output_type": text, "data": {"text/plain": text}},
    ]
    metadata = {"tags": [text], "nbgrader": {"grade_id": text, "grade": False, "solution": True}}
    cells = [
        {
            "cell_type": "code",
            "id": text,
            "execution_count": 1,
            "source": text,
            "outputs": outputs,
            "metadata": metadata,
        },
        {"cell_type": "code", "execution_count": text, "source": f'"""{text}', "outputs": [], "metadata": {}},
        {"cell_type": "markdown", "source": text, "metadata": metadata, "attachments": {text: {"image/png": text}}},
        {"cell_type": "markdown", "source": f"# {text}\n\n|{text}|b|\n|-|-|\n|{text}|x|\n\n`{text}`\n\n    {text}"},
        {"cell_type": "raw", "source": text},
        {"cell_type": text, "source": text},
    ]
    names = {
        "kernelspec": {"name": text, "display_name": text},
        "language_info": {"name": text, "pygments_lexer": text},
    }
    return from_dict({"cells": cells, "metadata": {**names, "title": text, "widgets": {text: text}}})
