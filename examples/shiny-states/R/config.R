# Configuration: one file per environment, shipped with the app; the variable APP_ENV alone chooses.

config_keys <- c("title", "trend")

#' Names that APP_ENV may have.
environments <- function(folder = "config") {
  sub("\\.json$", "", list.files(folder, pattern = "\\.json$"))
}

#' Settings of an environment. Every key stands in every file: there are no defaults that could differ unseen.
load_config <- function(environment = Sys.getenv("APP_ENV"), folder = "config") {
  known <- environments(folder)
  if (!environment %in% known) {
    stop("APP_ENV is '", environment, "', not one of ", paste(known, collapse = ", "))
  }
  found <- jsonlite::read_json(file.path(folder, paste0(environment, ".json")))
  if (!setequal(names(found), config_keys)) {
    stop(environment, ".json has the keys ", paste(names(found), collapse = ", "))
  }
  c(list(environment = environment), found)
}
