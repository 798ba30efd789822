// Functions whose names need demangling, short enough for every strace. Each
// raises SIGURG.
#include <signal.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))
#define KEEP __asm__ volatile("" ::: "memory")

static void stop_here() { kill(getpid(), SIGURG); KEEP; }

namespace ns {
template <class T> struct A {
	NOINLINE A(T) { stop_here(); }
	NOINLINE ~A() { stop_here(); }
	NOINLINE operator bool() const { stop_here(); return true; }
	NOINLINE T f(T t) { stop_here(); return t; }
};
namespace {
NOINLINE int hidden(int (*p)(int, char)) { stop_here(); return p ? 1 : 2; }
}
}
NOINLINE int lambda()
{
	auto l = [](int x) NOINLINE { stop_here(); return x; };
	int r = l(3);
	KEEP;
	return r;
}
extern "C" NOINLINE int _ZBad() { stop_here(); return 1; }

int main()
{
	ns::A<int> a(1);
	a.f(1);
	(void)(bool)a;
	ns::hidden(nullptr);
	lambda();
	_ZBad();
}
