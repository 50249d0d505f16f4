// Command concourse-go reads a JSON array of pipelines on standard input and prints what Concourse's own code makes of
// each: the problems that `fly validate-pipeline --strict` would name, the variables that would be looked up, and the
// configuration that a build works with, `VALUE` in place of each variable.
// It is built from the newest commit of the module that is at hand, of Concourse 7.6.
package main

import (
	"encoding/json"
	"os"
	"sort"

	"github.com/concourse/concourse/atc"
	"github.com/concourse/concourse/atc/configvalidate"
	"github.com/concourse/concourse/vars"
	"sigs.k8s.io/yaml"
)

type answer struct {
	Problems  []string `json:"problems"`
	Variables []string `json:"variables"`
	Config    any      `json:"config"`
}

// lookups stands in for the store of the variables: it has none, and remembers what it was asked for.
type lookups map[string]bool

func (found lookups) Get(asked vars.Reference) (any, bool, error) {
	found[asked.String()] = true
	return "VALUE", true, nil
}

func (found lookups) List() ([]vars.Reference, error) { return nil, nil }

func (found lookups) names() []string {
	names := []string{}
	for name := range found {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// read does what fly does with --strict: a key that is unknown, or there twice, is a problem; so is each warning.
func read(text string) answer {
	found := lookups{}
	result := answer{Problems: []string{}, Variables: []string{}}
	var config atc.Config
	if filled, err := vars.NewTemplate([]byte(text)).Evaluate(found, vars.EvaluateOpts{}); err != nil {
		result.Problems = append(result.Problems, err.Error())
	} else if err := configured(filled, &result); err != nil {
		result.Problems = append(result.Problems, err.Error())
	} else if err := yaml.UnmarshalStrict([]byte(text), &config); err != nil {
		result.Problems = append(result.Problems, err.Error())
	} else {
		warnings, errors := configvalidate.Validate(config)
		for _, warning := range warnings {
			errors = append(errors, warning.Message)
		}
		result.Problems = append(result.Problems, errors...)
	}
	result.Variables = found.names()
	return result
}

// configured reads the pipeline once more, with a value in place of each variable.
func configured(filled []byte, result *answer) error {
	var config atc.Config
	if err := yaml.UnmarshalStrict(filled, &config); err != nil {
		return err
	}
	result.Config = config
	return nil
}

func main() {
	atc.EnableAcrossStep = true // a flag of the server's until 8.0, which always has it
	var asked []string
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	answers := []answer{}
	for _, text := range asked {
		answers = append(answers, read(text))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
