# Reads a JSON array of GitLab files on standard input and prints what the server's YAML reader takes each for: a list of documents,
# split and loaded as `lib/gitlab/config/loader/multi_doc_yaml.rb` and `yaml.rb` do.
require "json"
require "yaml"

results = JSON.parse($stdin.read).map do |text|
  documents = text.split(/^---\s+/, 3).map { |each| YAML.safe_load(each, permitted_classes: [Symbol], aliases: true) }
  documents.shift if documents.first.nil?
  documents
rescue StandardError => e
  { "error" => e.message }
end
puts JSON.generate(results)
