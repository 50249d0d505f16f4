# The app: APP_ENV=staging Rscript -e 'shiny::runApp(port = 8080)'
# shiny reads the files in R/ by itself.
states_app(load_config())
