# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Scores of a night
# How likely is each patient's tumour to be malignant? Papermill gives the parameters.

# %% tags=["parameters"]
run_date = "2024-02-02"  # the night, as YYYY-MM-DD
patients = 20  # how many are scored; 0 for all
folder = "."  # where scores.csv and metrics.json are left

# %%
import json
from pathlib import Path

from scores import model

# %%
fitted, metrics = model.train()
Path(folder, "metrics.json").write_text(json.dumps(metrics) + "\n", encoding="utf-8")
metrics

# %% [markdown]
# Papermill's parameters may arrive as text.

# %%
scores = model.score(fitted, run_date, int(patients))
scores.to_csv(Path(folder, "scores.csv"), index=False)
scores.describe()

# %%
assert not scores.empty, "nobody was scored"
assert scores["score"].nunique() > 1, "everybody has the same score"
