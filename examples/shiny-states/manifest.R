# Writes manifest.json, from which Posit Connect installs and starts the app: its files with their checksums, and its
# packages in the versions of renv.lock. What is installed here must be those: else something was tested that is not
# what will run.

lock <- jsonlite::read_json("renv.lock")
all_installed <- utils::installed.packages()
asked <- trimws(strsplit(read.dcf("DESCRIPTION", "Imports"), ",")[[1]])
kinds <- c("Depends", "Imports", "LinkingTo")
beneath <- tools::package_dependencies(asked, all_installed, which = kinds, recursive = TRUE)
needed <- sort(unique(c(asked, unlist(beneath))))
needed <- setdiff(needed, rownames(all_installed)[all_installed[, "Priority"] %in% "base"])

packages <- lapply(stats::setNames(needed, needed), function(name) {
  here <- all_installed[[name, "Version"]]
  locked <- lock$Packages[[name]]$Version
  if (!identical(here, locked)) stop(name, " ", here, " is installed, and renv.lock has ", locked)
  fields <- unclass(utils::packageDescription(name))
  fields <- fields[!startsWith(names(fields), "RSPM") & names(fields) != "Built"]
  attributes(fields) <- list(names = names(fields))
  list(Source = "CRAN", Repository = lock$R$Repositories[[1]]$URL, description = fields)
})

shipped <- c("app.R", "COMMIT", sort(c(list.files("R", full.names = TRUE), list.files("config", full.names = TRUE))))
files <- lapply(stats::setNames(shipped, shipped), function(file) list(checksum = unname(tools::md5sum(file))))
if (anyNA(unlist(files))) stop("not here: ", paste(shipped[is.na(unlist(files))], collapse = ", "))

manifest <- list(
  version = 1L,
  platform = lock$R$Version,
  metadata = list(
    appmode = "shiny", primary_rmd = NA, primary_html = NA, content_category = NA, has_parameters = FALSE
  ),
  packages = packages,
  files = files
)
jsonlite::write_json(manifest, "manifest.json", auto_unbox = TRUE, pretty = TRUE, na = "null")
