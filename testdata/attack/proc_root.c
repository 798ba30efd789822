// Another mount namespace, in which the secret has another name, is reached by what /proc
// says of a process in it.
#include "attack.h"
#include <sys/mount.h>

static void serve(void)
{
	char text[32];
	if (geteuid() == 0 ? unshare(CLONE_NEWNS) != 0 : in_namespace(CLONE_NEWNS) != 0)
		snprintf(text, sizeof text, "0");
	else {
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
		snprintf(text, sizeof text, "%d", (int)getpid());
	}
	put("pid", text);
	if (strcmp(text, "0") != 0)
		must(mount("secret", "open", NULL, MS_BIND, NULL));
	must(write(1, "s", 1));
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	char name[4300], cwd[4096], pid[32] = "";
	if (argc > 1)
		serve();
	honest();
	must(getcwd(cwd, sizeof cwd) == NULL ? -1 : 0);
	int fd = must(open("pid", O_RDONLY));
	must(read(fd, pid, sizeof pid - 1));
	if (strcmp(pid, "0") == 0)
		skip("no mount namespaces");
	const char *ways[] = {"root", "cwd/../../../../../../../../..", "task/%s/root"};
	for (int i = 0; i < 3; i++) {
		char way[64];
		snprintf(way, sizeof way, ways[i], pid);
		snprintf(name, sizeof name, "/proc/%s/%s%s/open/key", pid, way, cwd);
		if (is_secret(open(name, O_RDONLY)))
			won("%s", way);
	}
	snprintf(name, sizeof name, "/proc/%s/root", pid);
	int dir = open(name, O_PATH);
	snprintf(name, sizeof name, "%s/open/key", cwd + 1);
	if (is_secret(openat(dir, name, O_RDONLY)))
		won("O_PATH");
	snprintf(name, sizeof name, "/proc/%s/cwd", pid);
	if (chdir(name) == 0 && is_secret(open("open/key", O_RDONLY)))
		won("chdir");
	lost("%s", strerror(errno));
}
