// Command goyaml reads a JSON array of YAML documents on standard input and prints, for each reader of the go-yaml
// family, what it takes them for: {reader: [data or {"error": text}]}.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	goyaml2 "go.yaml.in/yaml/v2"
	goyaml3 "go.yaml.in/yaml/v3"
	yaml2 "gopkg.in/yaml.v2"
	yaml3 "gopkg.in/yaml.v3"
)

var readers = map[string]func([]byte, any) error{
	"go.yaml.in/yaml/v2": func(text []byte, into any) error { return goyaml2.Unmarshal(text, into) },
	"go.yaml.in/yaml/v3": func(text []byte, into any) error { return goyaml3.Unmarshal(text, into) },
	"gopkg.in/yaml.v2":   func(text []byte, into any) error { return yaml2.Unmarshal(text, into) },
	"gopkg.in/yaml.v3":   func(text []byte, into any) error { return yaml3.Unmarshal(text, into) },
}

type failure struct {
	Error string `json:"error"`
}

// plain returns value as JSON can say it; a type or key that JSON doesn't know becomes text that names it.
func plain(value any) any {
	switch value := value.(type) {
	case map[any]any:
		entries := map[string]any{}
		for key, entry := range value {
			entries[keyText(key)] = plain(entry)
		}
		return entries
	case map[string]any:
		for key, entry := range value {
			value[key] = plain(entry)
		}
		return value
	case []any:
		for position, item := range value {
			value[position] = plain(item)
		}
		return value
	case float64:
		return json.Number(strconv.FormatFloat(value, 'e', -1, 64))
	case nil, string, bool, int, int64, uint64:
		return value
	default:
		return failure{fmt.Sprintf("%T: %v", value, value)}
	}
}

func keyText(key any) string {
	if text, ok := key.(string); ok {
		return text
	}
	return fmt.Sprintf("a key of type %T: %v", key, key)
}

func read(reader func([]byte, any) error, text string) (result any) {
	defer func() {
		if crash := recover(); crash != nil {
			result = failure{fmt.Sprint(crash)}
		}
	}()
	var data any
	if err := reader([]byte(text), &data); err != nil {
		return failure{err.Error()}
	}
	return plain(data)
}

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	results := map[string][]any{}
	for name, reader := range readers {
		for _, text := range texts {
			results[name] = append(results[name], read(reader, text))
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
