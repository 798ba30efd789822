// Not an attack: what the program has forbidden itself stays forbidden, although the
// supervisor does things for it. It wins with strait, too.
#include "attack.h"
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>

static void landlock(void)
{
	struct landlock_ruleset_attr a = {.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR};
	int rules = syscall(SYS_landlock_create_ruleset, &a, sizeof a, 0);
	if (rules < 0)
		skip("no Landlock: %s", strerror(errno));
	if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		skip("landlock_restrict_self: %s", strerror(errno));
}

static void filter(void)
{
	struct sock_filter f[] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)},
		{BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_openat},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
		{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EXDEV},
	};
	struct sock_fprog p = {sizeof f / sizeof *f, f};
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p));
}

int main(int argc, char **argv)
{
	honest();
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	int want = EACCES;
	if (argc > 1 && strcmp(argv[1], "landlock") == 0) {
		landlock();
		if (mkdir("open/dir", 0755) == 0)
			lost("a directory was made");
	} else {
		filter();
		want = EXDEV;
	}
	if (syscall(SYS_openat, AT_FDCWD, "open/file", O_RDONLY) >= 0)
		lost("a file was opened");
	if (errno != want)
		lost("open: %s", strerror(errno));
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		lost("no_new_privs is gone");
	// A child is under the same.
	pid_t pid = helper();
	if (pid == 0)
		_exit(syscall(SYS_openat, AT_FDCWD, "open/file", O_RDONLY) >= 0 ? LOST : WON);
	if (exited(pid) != WON)
		lost("a child opened the file");
	won("its own rules hold");
}
