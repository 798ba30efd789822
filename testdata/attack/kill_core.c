// What the policy kills dumps its memory where no file may be made.
#include "attack.h"
#include <sys/resource.h>

int main(void)
{
	struct rlimit r;
	honest();
	must(getrlimit(RLIMIT_CORE, &r));
	if (r.rlim_max == 0)
		skip("no core dumps");
	r.rlim_cur = r.rlim_max;
	must(setrlimit(RLIMIT_CORE, &r));
	char b[256] = "";
	int fd = must(open("/proc/sys/kernel/core_pattern", O_RDONLY));
	must(read(fd, b, sizeof b - 1));
	if (b[0] == '|' || b[0] == '@' || strchr(b, '/') != NULL)
		skip("core dumps go elsewhere: %s", b);
	pid_t pid = helper();
	if (pid == 0) {
		must(chdir("secret"));
		syscall(SYS_getpgid, 0);
		abort();
	}
	if (exited(pid) < 128)
		broken("it was not killed");
	// Its name may have the pid in it.
	struct stat st;
	must(stat("secret", &st));
	char name[64];
	snprintf(name, sizeof name, "secret/core.%d", (int)pid);
	if (access("secret/core", F_OK) == 0 || access(name, F_OK) == 0)
		won("core");
	lost("no core dump");
}
