# What the app's own start would read.
for (file in list.files("../../R", full.names = TRUE)) source(file)

made <- function(trend) list(environment = "test", title = "Test", trend = trend)
