# The page, and what answers behind it.

#' The commit that runs: the pipeline writes it into a file beside the app.
commit <- function(file = "COMMIT") {
  if (file.exists(file)) trimws(readLines(file, n = 1)) else "unknown"
}

#' What a smoke test is told.
health <- function(config) {
  said <- list(commit = commit(), environment = config$environment, toggles = list(trend = config$trend))
  shiny::httpResponse(200, "application/json", jsonlite::toJSON(said, auto_unbox = TRUE))
}

page <- function(config) {
  choices <- stats::setNames(names(measures), measures)
  regions <- c("all", levels(datasets::state.region))
  shiny::fluidPage(
    shiny::titlePanel(config$title),
    shiny::sidebarLayout(
      shiny::sidebarPanel(
        shiny::selectInput("x", "Across", choices, "HS Grad"),
        shiny::selectInput("y", "Up", choices, "Income"),
        shiny::selectInput("region", "Region", regions)
      ),
      shiny::mainPanel(shiny::plotOutput("plot"), shiny::textOutput("told"))
    )
  )
}

states_server <- function(config) {
  function(input, output, session) {
    shown <- shiny::reactive(states(input$region))
    output$told <- shiny::renderText({
      sprintf("%d states, correlation %.2f", nrow(shown()), together(input$x, input$y, input$region))
    })
    output$plot <- shiny::renderPlot({
      x <- shown()[[input$x]]
      y <- shown()[[input$y]]
      plot(x, y, xlab = measures[[input$x]], ylab = measures[[input$y]], pch = 19, col = as.integer(shown()$region))
      if (config$trend && input$x != input$y) graphics::abline(stats::lm(y ~ x))
    })
  }
}

#' The app of one environment: the page, and JSON at /healthz.
states_app <- function(config) {
  ui <- function(request) {
    if (request$PATH_INFO == "/healthz") health(config) else page(config)
  }
  shiny::shinyApp(ui, states_server(config), uiPattern = "^/$|^/healthz$")
}
