//! The envelope of responses, and the pages of lists.

use crate::rows::rows;

rows! {
    an_object_is_in_data: "GET" "/users/superhero1" null => 200 {
        "/data/uid": "superhero1",
        "/data/createdAt": 1_800_000_000_u64,
    };
    a_list_has_data_and_meta: "GET" "/users?perPage=3" null => 200 {
        "/data/0/uid": "superhero5",
        "/data/2/uid": "superhero3",
        "/meta/pagination": {
            "total": 10,
            "count": 3,
            "per_page": 3,
            "current_page": 1,
            "total_pages": 4,
        },
        "/meta/cursor": { "updatedAt": 1_800_000_000_u64, "affix": "append" },
    };
    an_action_has_a_message: "DELETE" "/users/superhero1/auth_tokens" null => 200 {
        "/data": { "success": true, "message": "Cleared Auth Tokens successfully for uid \
         superhero1." },
    };
    the_last_page_has_the_remaining_items: "GET" "/users?perPage=4&page=3" null => 200 {
        "/data/0/uid": "cometchat-uid-2",
        "/data/1/uid": "cometchat-uid-1",
        "/meta/pagination": {
            "total": 10,
            "count": 2,
            "per_page": 4,
            "current_page": 3,
            "total_pages": 3,
        },
    };
    a_page_beyond_the_last_is_empty: "GET" "/users?page=7" null => 200 {
        "/data": [],
        "/meta": {
            "pagination": {
                "total": 10,
                "count": 0,
                "per_page": 100,
                "current_page": 7,
                "total_pages": 1,
            },
        },
    };
    the_farthest_page_does_not_overflow: "GET" "/users?perPage=1000&page=2147483647" null => 200 {
        "/data": [],
    };
    a_page_has_at_most_a_thousand: "GET" "/users?perPage=1001" null => 400 {
        "/error/code": "ERR_BAD_REQUEST", "/error/details": { "perPage": ["The perPage may not be \
         greater than 1000."] },
    };
    a_page_has_at_least_one: "GET" "/users?perPage=0&page=-1" null => 400 {
        "/error/details": { "perPage": ["The perPage must be at least 1."], "page": ["The page \
         must be at least 1."] },
    };
    a_page_number_is_whole: "GET" "/users?page=two&perPage=1.5" null => 400 {
        "/error/details": { "perPage": ["The perPage must be an integer."], "page": ["The page \
         must be an integer."] },
    };
    a_huge_page_number_is_too_large: "GET" "/roles?page=99999999999999999999999999" null => 400 {
        "/error/details": { "page": ["The page may not be greater than 2147483647."] },
    };
}
