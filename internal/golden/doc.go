// Package golden keeps the behaviour of a program as text that is the same in
// every run and on every machine, and says how two behaviours differ.
//
// A behaviour comes from traces ([Build]): saved ones, as strait/internal/tracefile
// reads them, or one that is being made, step by step. What is kept depends on
// the [Depth]:
//
//	effects     what each program did to what: fs.read ./in, net.connect tcp 1.1.1.1:53
//	calls       the calls on objects, in order, for each process and thread
//	everything  every call with all its arguments
//
// Addresses, process ids, times, descriptor numbers, names of temporary files,
// versions of libraries and what the dynamic linker does are taken out or said by
// what they mean. Of the order only what the program decides is kept: that of the
// calls in one thread, and which process made which. Two processes that run at
// the same time have no order.
//
// It is not a tracer and runs nothing: strait/internal/cases does.
package golden
