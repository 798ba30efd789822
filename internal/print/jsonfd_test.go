package print

import (
	"testing"

	"strait/syscalls"
)

// What is told of a descriptor stands by itself beside the details in words, and the schema knows it.
func TestJSONOfDetails(t *testing.T) {
	s, err := readSchema("../../docs/json.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ details, want string }{
		{"<char 5:2 @/dev/pts/7>", `"device":{"type":"char","major":5,"minor":2,"slave":"/dev/pts/7"}`},
		{"<block 7:0>", `"device":{"type":"block","major":7,"minor":0}`},
		{"TCP:[127.0.0.1:80->10.0.0.1:1025]", `"socket":{"protocol":"TCP","local":{"address":"127.0.0.1","port":80},"remote":{"address":"10.0.0.1","port":1025}}`},
		{"UDPv6:[[::1]:53]", `"socket":{"protocol":"UDPv6","local":{"address":"::1","port":53}}`},
		{"NETLINK:[ROUTE:77]", `"socket":{"protocol":"NETLINK","family":"ROUTE","port":77}`},
		{"socket:[12]", `"socket":{"inode":12}`},
		{"TCP:[12]", `"socket":{"protocol":"TCP","inode":12}`},
		{"UNIX:[12->13]", `"socket":{"protocol":"UNIX","inode":12,"peer":13}`},
		{"UNIX-STREAM:[12->13,\x00/a,->\"\xff\x00]", `"socket":{"protocol":"UNIX-STREAM","inode":12,"peer":13,"name_base64":"L2EsLT4i/w=="}`},
		{"UNIX-STREAM:[12,@\x00a:1]\x00]", `"socket":{"protocol":"UNIX-STREAM","inode":12,"name":"a:1]","abstract":true}`},
		{"{eventfd-count=0xfffffffffffffffe, eventfd-id=3, eventfd-semaphore=1}", `"eventfd":{"count":18446744073709551614,"count_hex":"0xfffffffffffffffe","id":3,"semaphore":1}`},
		{"{eventfd-count=0}", `"eventfd":{"count":0}`},
		{"signalfd:\x010000000000004002", `"signalfd":["SIGINT","SIGTERM"]`},
		{"signalfd:\x010000000000000000", `"signalfd":[]`},
		{"pid:12", `"pidfd":{"pid":12}`},
		{"pid:12\x02a]\"", `"pidfd":{"pid":12,"comm":"a]\""}`},
		{"anon_inode:[pidfd]", ""},
	} {
		want := ""
		if test.want != "" {
			want = "," + test.want
		}
		if got := string(jsonParts(nil, []byte(test.details))); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", test.details, got, want)
		}
		ev := openEvent()
		ev.Nodes = tree([]syscalls.Node{with(bytesNode(ev, syscalls.FD, "", "\x00"+test.details, syscalls.HasFD), 3)}, nil)
		if line := AppendJSON(nil, ev); s.validate(line) != nil {
			t.Errorf("%s: %v", line, s.validate(line))
		}
	}
}
