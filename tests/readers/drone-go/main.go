// Command drone-go reads a JSON array of Drone files on standard input and prints what the runner takes each for: the
// text after its substitution, by its own library, and the documents of that text, by the YAML library of the server and
// the runner. The linters are read by tests/engines/drone.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/buildkite/yaml"
	"github.com/drone/envsubst"
)

type request struct {
	Text   string            `json:"text"`
	Values map[string]string `json:"values"`
}

type answer struct {
	Text      string `json:"text"`
	Raw       []any  `json:"raw"`
	Documents []any  `json:"documents"`
	Error     string `json:"error"`
}

// plain returns value as JSON can say it.
func plain(value any) any {
	switch value := value.(type) {
	case map[any]any:
		entries := map[string]any{}
		for key, entry := range value {
			entries[fmt.Sprint(key)] = plain(entry)
		}
		return entries
	case []any:
		for index, entry := range value {
			value[index] = plain(entry)
		}
	}
	return value
}

// documents reads a file as both programs do, line by line: one that starts with --- separates.
func documents(text string) ([]any, error) {
	var found []any
	var document strings.Builder
	for _, line := range append(strings.Split(strings.TrimSuffix(text, "\n"), "\n"), "---") {
		if !strings.HasPrefix(line, "---") {
			document.WriteString(line + "\n")
			continue
		}
		var data any
		if err := yaml.Unmarshal([]byte(document.String()), &data); err != nil {
			return nil, err
		}
		found = append(found, plain(data))
		document.Reset()
	}
	return found, nil
}

func read(asked request) (result answer, err error) {
	if result.Raw, err = documents(asked.Text); err != nil {
		return result, err
	}
	if result.Text, err = envsubst.Eval(asked.Text, func(name string) string { return asked.Values[name] }); err != nil {
		return result, err
	}
	result.Documents, err = documents(result.Text)
	return result, err
}

func main() {
	var asked []request
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	answers := []answer{}
	for _, each := range asked {
		result, err := read(each)
		if err != nil {
			result.Error = err.Error()
		}
		answers = append(answers, result)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
