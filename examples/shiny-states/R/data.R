# The data, which comes with R: the fifty states of the USA in the 1970s.

measures <- c(
  "Income" = "income per head (USD, 1974)",
  "Illiteracy" = "illiteracy (% of population, 1970)",
  "Life Exp" = "life expectancy (years, 1969-71)",
  "Murder" = "murders (per 100,000, 1976)",
  "HS Grad" = "high-school graduates (%, 1970)",
  "Frost" = "days of frost (mean, 1931-60)"
)

#' A row a state: its name, its region and what was measured.
states <- function(region = "all") {
  found <- data.frame(
    state = datasets::state.name, region = datasets::state.region, datasets::state.x77[, names(measures)],
    check.names = FALSE, row.names = NULL
  )
  if (region == "all") found else found[found$region == region, ]
}

#' How two measures go together, from -1 to 1.
together <- function(x, y, region = "all") {
  found <- states(region)
  stats::cor(found[[x]], found[[y]])
}
