// A file whose name is longer than names can be asked for.
#include "attack.h"

int main(int argc, char **argv)
{
	enum { DEEP = 25, LEN = 200, HALF = 12 };
	char name[LEN + 1], path[(LEN + 1) * DEEP + 16] = "";
	memset(name, 'd', LEN);
	name[LEN] = 0;
	if (argc > 1) { // from outside: it is made
		must(chdir("secret"));
		for (int i = 0; i < DEEP; i++)
			if ((mkdir(name, 0755) != 0 && errno != EEXIST) || chdir(name) != 0)
				broken("mkdir: %s", strerror(errno));
		put("victim", "alive\n");
		must(write(1, "s", 1));
		for (;;)
			pause();
	}
	honest();
	must(chdir("secret"));
	for (int i = 0; i < HALF; i++)
		if (chdir(name) != 0)
			lost("chdir: %s", strerror(errno));
	for (int i = HALF; i < DEEP; i++)
		strcat(strcat(path, name), "/");
	char *end = path + strlen(path);
	strcpy(end, "new");
	if (open(path, O_CREAT | O_WRONLY, 0600) >= 0)
		won("a file is made");
	if (mkdir(path, 0700) == 0)
		won("a directory is made");
	strcpy(end, "victim");
	if (open(path, O_WRONLY) >= 0)
		won("it is opened for writing");
	if (chmod(path, 0) == 0)
		won("its mode is changed");
	if (unlink(path) == 0)
		won("it is removed");
	lost("%s", strerror(errno));
}
