// A request handler that asks a database in memory, which `wizer-initialize` fills: 1,000
// rows, an index, a prepared statement. Exports req_buf, rsp_buf and handle, as an HTTP
// reactor does. SQLite is built without an operating system: the file system below has
// no files.
#include <stdint.h>
#include <string.h>
#include "sqlite3.h"

static char request[65536];
static char response[65536];
static sqlite3 *db;
static sqlite3_stmt *by_name;

static int no_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    return SQLITE_CANTOPEN;
}
static int no_delete(sqlite3_vfs *vfs, const char *name, int sync) { return SQLITE_OK; }
static int no_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) { *out = 0; return SQLITE_OK; }
static int full_path(sqlite3_vfs *vfs, const char *name, int n, char *out) {
    sqlite3_snprintf(n, out, "%s", name);
    return SQLITE_OK;
}
static int randomness(sqlite3_vfs *vfs, int n, char *out) { memset(out, 7, n); return n; }
static int no_sleep(sqlite3_vfs *vfs, int micros) { return micros; }
static int no_time(sqlite3_vfs *vfs, double *out) { *out = 2440587.5; return SQLITE_OK; }
static sqlite3_vfs nothing = {1, sizeof(sqlite3_file), 512, 0, "nothing", 0, no_file, no_delete, no_access,
                              full_path, 0, 0, 0, 0, randomness, no_sleep, no_time, 0};

int sqlite3_os_init(void) { return sqlite3_vfs_register(&nothing, 1); }
int sqlite3_os_end(void) { return SQLITE_OK; }

static void run(const char *sql) {
    if (sqlite3_exec(db, sql, 0, 0, 0) != SQLITE_OK) __builtin_trap();
}

__attribute__((export_name("wizer-initialize"))) void initialize(void) {
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) __builtin_trap();
    run("create table item (id integer primary key, name text not null, price integer not null)");
    run("with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000)"
        " insert into item select i, printf('item-%04d', i), i * 7 % 100 from n");
    run("create index item_name on item (name)");
    const char *sql = "select id, price, (select count(*) from item o where o.price = i.price and o.id < 100)"
                      " from item i where name = ?";
    if (sqlite3_prepare_v2(db, sql, -1, &by_name, 0) != SQLITE_OK) __builtin_trap();
}

__attribute__((export_name("req_buf"))) char *req_buf(void) { return request; }
__attribute__((export_name("rsp_buf"))) char *rsp_buf(void) { return response; }

// The request is the name of an item.
__attribute__((export_name("handle"))) uint32_t handle(uint32_t len) {
    if (len > sizeof request) len = sizeof request;
    sqlite3_reset(by_name);
    sqlite3_bind_text(by_name, 1, request, (int)len, SQLITE_STATIC);
    if (sqlite3_step(by_name) != SQLITE_ROW) {
        sqlite3_snprintf(sizeof response, response, "{}");
    } else {
        sqlite3_snprintf(sizeof response, response, "{\"id\":%d,\"price\":%d,\"same\":%d}",
                         sqlite3_column_int(by_name, 0), sqlite3_column_int(by_name, 1),
                         sqlite3_column_int(by_name, 2));
    }
    return (uint32_t)strlen(response);
}
