"""Tests and lint of an R project."""

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.recipes.words import r_text, word, words

__all__ = ["lint", "testthat"]

_LINT = "lints <- lintr::lint_dir({folder}); print(lints); quit(status = as.integer(length(lints) > 0))"
_TEST = (
    "testthat::test_dir({folder}, stop_on_failure = TRUE, reporter = testthat::MultiReporter$new(list("
    "testthat::CheckReporter$new(), testthat::JunitReporter$new(file = file.path(getwd(), {report})))))"
)


def testthat(folder: str = "tests/testthat", *, report: str = "reports/junit.xml") -> Recipe:
    """Run testthat's tests; the report is kept whether they pass or fail. Needs the R package xml2 for the report."""
    code = _TEST.format(folder=r_text(folder), report=r_text(report))
    made = report.rpartition("/")[0]
    return Recipe(commands=[*([f"mkdir -p {word(made)}"] if made else []), f"Rscript -e{words(code)}"], reports=[report])


def lint(folder: str = "R") -> Recipe:
    """Run lintr, and fail when it finds something: by itself it prints and ends green."""
    return Recipe(commands=[f"Rscript -e{words(_LINT.format(folder=r_text(folder)))}"])
