package print

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
)

// A schema is as much of JSON Schema as docs/json.schema.json uses.
type schema struct{ root map[string]any }

func readSchema(name string) (*schema, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s := &schema{}
	return s, json.Unmarshal(b, &s.root)
}

// validate checks one line.
func (s *schema) validate(line []byte) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("more than one value")
	}
	return s.check(s.root, v, "$")
}

func (s *schema) check(rule, v any, at string) error {
	r, ok := rule.(map[string]any)
	if !ok {
		return nil // true
	}
	for key, arg := range r {
		if err := s.keyword(r, key, arg, v, at); err != nil {
			return err
		}
	}
	return nil
}

func (s *schema) keyword(r map[string]any, key string, arg, v any, at string) error {
	switch key {
	case "$ref":
		return s.check(s.root["$defs"].(map[string]any)[strings.TrimPrefix(arg.(string), "#/$defs/")], v, at)
	case "type":
		names, ok := arg.([]any)
		if !ok {
			names = []any{arg}
		}
		if !slices.Contains(names, any(typeOf(v))) {
			return fmt.Errorf("%s: is %s, want %v", at, typeOf(v), names)
		}
	case "const":
		if v != arg {
			return fmt.Errorf("%s: is %v, want %v", at, v, arg)
		}
	case "enum":
		if !slices.Contains(arg.([]any), v) {
			return fmt.Errorf("%s: is %v, not one of %v", at, v, arg)
		}
	case "minimum":
		if f, _ := v.(json.Number).Float64(); f < arg.(float64) {
			return fmt.Errorf("%s: is %v, less than %v", at, v, arg)
		}
	case "required", "properties", "additionalProperties":
		return s.object(r, key, arg, v, at)
	case "items":
		for i, item := range v.([]any) {
			if err := s.check(arg, item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	case "oneOf":
		return s.oneOf(arg.([]any), v, at)
	}
	return nil
}

func (s *schema) object(r map[string]any, key string, arg, v any, at string) error {
	o, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: no object", at)
	}
	known, _ := r["properties"].(map[string]any)
	if key == "required" {
		for _, name := range arg.([]any) {
			if _, ok := o[name.(string)]; !ok {
				return fmt.Errorf("%s: no %s", at, name)
			}
		}
		return nil
	}
	for name, value := range o {
		rule, ok := known[name]
		if !ok && key == "additionalProperties" {
			return fmt.Errorf("%s: unknown key %s", at, name)
		}
		if err := s.check(rule, value, at+"."+name); ok && err != nil {
			return err
		}
	}
	return nil
}

func (s *schema) oneOf(rules []any, v any, at string) error {
	var errs []string
	for _, rule := range rules {
		err := s.check(rule, v, at)
		if err != nil {
			errs = append(errs, err.Error())
		}
	}
	if len(rules)-len(errs) != 1 {
		return fmt.Errorf("%s: fits %d shapes: %s", at, len(rules)-len(errs), strings.Join(errs, "; "))
	}
	return nil
}

func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case json.Number:
		if f, err := v.Float64(); err == nil && f == math.Trunc(f) {
			return "integer"
		}
	}
	return "number"
}
