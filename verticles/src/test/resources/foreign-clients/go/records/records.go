// SPDX-License-Identifier: Apache-2.0

// Package records has what each client writes and has to read again.
package records

import (
	"bytes"
	"fmt"
	"os"
)

// Record is one record; a nil key or value is null.
type Record struct {
	Key, Value []byte
	Headers    []Header
}

// Header of a record.
type Header struct {
	Key   string
	Value []byte
}

// All are the records in order: the kinds there are, and a hundred plain ones. The fifth is a megabyte and goes alone.
func All() []Record {
	large := make([]byte, 1000*1000)
	for i := range large {
		large[i] = byte((i * 7919) >> 3)
	}
	all := []Record{
		{Key: []byte("key"), Value: []byte("value"), Headers: []Header{{"one", []byte("first")}, {"two", []byte{0, 255}}, {"null", nil}}},
		{Key: []byte("tombstone")},
		{Value: []byte("no key")},
		{Key: []byte("empty"), Value: []byte{}},
		{Key: []byte("large"), Value: large},
	}
	for i := 0; i < 100; i++ {
		all = append(all, Record{Key: fmt.Appendf(nil, "k%d", i), Value: fmt.Appendf(nil, "v%d", i)})
	}
	return all
}

// Check ends the process if what was read at an offset is not what was written there.
func Check(offset int64, got Record) {
	want := All()[offset]
	if !same(want.Key, got.Key) || !same(want.Value, got.Value) {
		Fail("at %d: key %q, value of %d bytes", offset, got.Key, len(got.Value))
	}
	if len(want.Headers) != len(got.Headers) {
		Fail("at %d: headers %v", offset, got.Headers)
	}
	for i, header := range want.Headers {
		if header.Key != got.Headers[i].Key || !same(header.Value, got.Headers[i].Value) {
			Fail("at %d: headers %v", offset, got.Headers)
		}
	}
}

// Null is not empty.
func same(want, got []byte) bool {
	return (want == nil) == (got == nil) && bytes.Equal(want, got)
}

// Must ends the process if something failed.
func Must(what string, err error) {
	if err != nil {
		Fail("%s: %v", what, err)
	}
}

// Fail ends the process.
func Fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
