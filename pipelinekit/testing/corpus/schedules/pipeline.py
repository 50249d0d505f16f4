"""Two schedules that start different stages, and one stage of both."""

from pipelinekit import Pipeline, on

hourly, weekly = on.schedule("hourly", "15 * * * *"), on.schedule("weekly", "0 5 * * 1")
p = Pipeline("schedules", image="debian:12-slim")
fetched = p.data_pull("date +%s%N > rows.csv", outputs="rows.csv", on=[hourly, weekly])
p.step("test -s rows.csv", name="watch", on=[hourly], needs=[fetched["rows.csv"]])
p.step("test -s rows.csv", name="retrain", on=[weekly], needs=[fetched["rows.csv"]])
p.test("test -s src/app.py")
