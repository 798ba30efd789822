// The kernel writes a name for the program: a core dump, into the directory that it
// is in, whatever it may write there.
#include "attack.h"
#include <sys/resource.h>

int main(void)
{
	char b[256] = "";
	honest();
	if (pread(open("/proc/sys/kernel/core_pattern", O_RDONLY), b, sizeof b - 1, 0) < 0 || b[0] == '|' || b[0] == '/')
		skip("core dumps go elsewhere: %s", b);
	struct rlimit l = {RLIM_INFINITY, RLIM_INFINITY};
	if (setrlimit(RLIMIT_CORE, &l) != 0) {
		must(getrlimit(RLIMIT_CORE, &l));
		l.rlim_cur = l.rlim_max;
		must(setrlimit(RLIMIT_CORE, &l));
	}
	pid_t pid = helper();
	if (pid == 0) {
		must(chdir("secret/e"));
		abort();
	}
	int status;
	must(waitpid(pid, &status, 0));
	if (WCOREDUMP(status))
		won("a core in secret/e");
	lost("status %#x", status);
}
