# Reads a JSON array of YAML documents on standard input and prints what Psych takes them for, as a JSON array.
require "json"
require "yaml"

results = JSON.parse($stdin.read).map do |text|
  # Symbols and dates are refused here: text that Psych takes for one shows as an error.
  YAML.safe_load(text)
rescue StandardError => e
  { "error" => e.message }
end
puts JSON.generate(results)
