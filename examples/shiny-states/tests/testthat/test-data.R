test_that("there are fifty states, and nothing is missing", {
  expect_equal(dim(states()), c(50, 2 + length(measures)))
  expect_false(anyNA(states()))
})

test_that("a region is a part", {
  expect_equal(sum(vapply(levels(datasets::state.region), function(region) nrow(states(region)), 0L)), 50)
})

test_that("who reads lives longer", {
  expect_lt(together("Illiteracy", "Life Exp"), -0.5)
})
