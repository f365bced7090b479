// Says what GitOps tools make of objects: kstatus (Flux and others, by its own library) and a health check of
// Argo CD (Lua, by the interpreter that Argo CD uses). Each line on stdin is a question in JSON; each line on
// stdout is its answer.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// question is an object, and the health check to run on it; without a check only kstatus is asked.
type question struct {
	Object map[string]any `json:"object"`
	Check  string         `json:"check,omitempty"`
}

type verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type answer struct {
	Kstatus verdict  `json:"kstatus"`
	ArgoCD  *verdict `json:"argocd,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		reply, err := judge(lines.Bytes())
		if err == nil {
			err = out.Encode(reply)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func judge(line []byte) (*answer, error) {
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	result, err := status.Compute(&unstructured.Unstructured{Object: integers(asked.Object).(map[string]any)})
	if err != nil {
		return nil, fmt.Errorf("kstatus: %w", err)
	}
	reply := &answer{Kstatus: verdict{Status: string(result.Status), Message: result.Message}}
	if asked.Check != "" {
		if reply.ArgoCD, err = check(asked.Check, asked.Object); err != nil {
			return nil, fmt.Errorf("health check: %w", err)
		}
	}
	return reply, nil
}

// integers turns whole numbers into int64, as unstructured objects have them.
func integers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, each := range value {
			value[key] = integers(each)
		}
	case []any:
		for at, each := range value {
			value[at] = integers(each)
		}
	case float64:
		if value == float64(int64(value)) {
			return int64(value)
		}
	}
	return value
}

// check runs a health check as Argo CD does: without libraries that reach out, with the object in "obj".
func check(script string, object map[string]any) (*verdict, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName:   lua.OpenPackage,
		lua.BaseLibName:   lua.OpenBase,
		lua.TabLibName:    lua.OpenTable,
		lua.StringLibName: lua.OpenString,
	} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return nil, err
		}
	}
	state.SetGlobal("obj", luaValue(state, object))
	if err := state.DoString(script); err != nil {
		return nil, err
	}
	table, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return nil, fmt.Errorf("the check returned a %s, not a table", state.Get(-1).Type())
	}
	return &verdict{
		Status:  lua.LVAsString(table.RawGetString("status")),
		Message: lua.LVAsString(table.RawGetString("message")),
	}, nil
}

func luaValue(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, each := range value {
			table.RawSetString(key, luaValue(state, each))
		}
		return table
	case []any:
		table := state.NewTable()
		for _, each := range value {
			table.Append(luaValue(state, each))
		}
		return table
	case string:
		return lua.LString(value)
	case bool:
		return lua.LBool(value)
	case int64:
		return lua.LNumber(value)
	case float64:
		return lua.LNumber(value)
	default:
		return lua.LNil
	}
}
