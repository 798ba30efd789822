// Another mount namespace, in which the secret has another name, is entered: that of
// a helper, who may make one.
#include "attack.h"
#include <sys/mount.h>

static void other(void)
{
	if (geteuid() == 0 ? unshare(CLONE_NEWNS) != 0 : in_namespace(CLONE_NEWNS) != 0)
		skip("no namespaces: %s", strerror(errno));
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	must(mount("secret", "open", NULL, MS_BIND, NULL));
	must(write(1, "s", 1));
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	char name[64], c;
	if (argc > 1)
		other();
	honest();
	char b[65536];
	int from = must(open("/proc/self/exe", O_RDONLY)), to = must(open("mounter", O_WRONLY | O_CREAT, 0755));
	for (ssize_t n; (n = must(read(from, b, sizeof b))) > 0;)
		must(write(to, b, n));
	close(to);
	int p[2];
	must(pipe(p));
	pid_t pid = helper();
	if (pid == 0) {
		must(dup2(p[1], 1));
		execl("mounter", "mounter", "mount", NULL);
		broken("execve: %s", strerror(errno));
	}
	close(p[1]);
	if (read(p[0], &c, 1) != 1 || c != 's')
		skip("the helper makes no namespace");
	snprintf(name, sizeof name, "/proc/%d/ns/user", pid);
	if (geteuid() != 0)
		setns(open(name, O_RDONLY), CLONE_NEWUSER);
	snprintf(name, sizeof name, "/proc/%d/ns/mnt", pid);
	char cwd[4096];
	must(getcwd(cwd, sizeof cwd) == NULL ? -1 : 0);
	int ok = setns(open(name, O_RDONLY), CLONE_NEWNS) == 0;
	if (!ok)
		setns(syscall(SYS_pidfd_open, pid, 0), CLONE_NEWNS);
	int e = errno;
	must(chdir(cwd));
	if (is_secret(open("open/key", O_RDONLY)))
		won("setns");
	lost("setns: %s", strerror(e));
}
