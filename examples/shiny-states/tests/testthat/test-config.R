folder <- "../../config"

test_that("each environment's file is complete", {
  expect_equal(environments(folder), c("dev", "production", "staging"))
  for (name in environments(folder)) expect_equal(load_config(name, folder)$environment, name)
})

test_that("what is unfinished is off where people are", {
  for (name in c("staging", "production")) expect_false(load_config(name, folder)$trend)
})

test_that("APP_ENV chooses", {
  withr::local_envvar(APP_ENV = "staging")
  expect_equal(load_config(folder = folder)$title, "States (staging)")
})

test_that("there is no other environment", {
  for (name in c("", "Staging", "../config/staging")) {
    expect_error(load_config(name, folder), "not one of dev, production")
  }
})

test_that("a file with another key is refused", {
  other <- withr::local_tempdir()
  writeLines('{"title": "T", "trends": true}', file.path(other, "test.json"))
  expect_error(load_config("test", other), "title, trends")
})
