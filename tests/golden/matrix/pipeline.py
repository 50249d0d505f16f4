"""One job per Python version; the files of one cell, and of all."""

from pipelinekit import Matrix, Pipeline

python = Matrix("python", "3.10", "3.12")
p = Pipeline("matrix", image="python:3.12-slim", setup="pip install -r requirements.lock")
test = p.test(
    f"pytest --cov-report=xml:cov-{python}.xml",
    image=f"python:{python}-slim",
    matrix=python,
    outputs=f"cov-{python}.xml",
)
p.step("python merge.py", name="merge", needs=[test[f"cov-{python}.xml"]])
p.step("python upload.py cov-3.12.xml", name="upload", needs=[test.cell(python="3.12")[f"cov-{python}.xml"]])
