test_that("the health check tells commit, environment and toggles", {
  said <- health(made(TRUE))
  expect_equal(said$status, 200)
  expect_equal(said$content_type, "application/json")
  expect_equal(
    jsonlite::fromJSON(said$content),
    list(commit = "unknown", environment = "test", toggles = list(trend = TRUE))
  )
})

test_that("the commit is what the pipeline wrote", {
  file <- withr::local_tempfile(lines = "0123abc")
  expect_equal(commit(file), "0123abc")
})

test_that("the page has what the server reads", {
  html <- as.character(page(made(FALSE)))
  expect_match(html, "<h2>Test</h2>", fixed = TRUE)
  for (id in c("x", "y", "region", "plot", "told")) expect_match(html, sprintf('id="%s"', id), fixed = TRUE)
})

for (trend in c(FALSE, TRUE)) {
  test_that(paste("what is chosen is told and drawn, with the trend", if (trend) "on" else "off"), {
    shiny::testServer(states_server(made(trend)), {
      session$setInputs(x = "HS Grad", y = "Income", region = "all")
      expect_match(output$told, "50 states, correlation 0.62", fixed = TRUE)
      expect_match(output$plot$src, "^data:image/png")
      session$setInputs(region = "West")
      expect_match(output$told, "13 states")
    })
  })
}
