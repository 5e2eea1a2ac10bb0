//! Users as callers see them.

use crate::core::avatar;
use crate::core::config::Config;
use crate::core::entity::User;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Presence belongs to messaging: no user is ever online here.
pub(super) const OFFLINE: &str = "offline";

/// A user in a response.
pub(crate) struct View<'a> {
    config: &'a Config,
    user: &'a User,
    metadata: Option<Cow<'a, Map<String, Value>>>,
    tags: Option<&'a [String]>,
    relation: Option<Relation>,
    auth_token: Option<String>,
}

/// The relation to the user on whose behalf a user is read.
struct Relation {
    conversation_id: String,
}

impl<'a> View<'a> {
    pub(crate) fn of(config: &'a Config, user: &'a User) -> Self {
        Self {
            config,
            user,
            metadata: user.metadata.as_ref().map(Cow::Borrowed),
            tags: Some(user.tags.as_slice()).filter(|tags| !tags.is_empty()),
            relation: None,
            auth_token: None,
        }
    }

    /// The response to a change: it has tags even if there are none.
    pub(super) fn changed(config: &'a Config, user: &'a User) -> Self {
        Self { tags: Some(&user.tags), ..Self::of(config, user) }
    }

    /// An item of a list: without metadata, with tags on request.
    pub(super) fn listed(config: &'a Config, user: &'a User, with_tags: bool) -> Self {
        let tags = with_tags.then_some(user.tags.as_slice());
        Self { metadata: None, tags, ..Self::of(config, user) }
    }

    /// Adds an auth token.
    pub(super) fn with_token(self, auth_token: Option<String>) -> Self {
        Self { auth_token, ..self }
    }

    /// Adds the relation to another user, who does not see `@private` metadata.
    pub(super) fn on_behalf_of(mut self, reader: &User) -> Self {
        let (first, second) =
            (reader.uid.as_str().min(&self.user.uid), reader.uid.as_str().max(&self.user.uid));
        let conversation_id = format!("{first}_user_{second}");
        self.relation = Some(Relation { conversation_id });
        if let Some(metadata) = self.metadata.as_mut().filter(|map| map.contains_key("@private")) {
            metadata.to_mut().remove("@private");
        }
        self
    }
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let user = self.user;
        let mut object = Object(serializer.serialize_map(None)?);
        object.add("uid", &user.uid)?;
        object.add("name", &user.name)?;
        let avatar = user.avatar.as_deref();
        object.add_some("avatar", avatar.map(|url| avatar::absolute(self.config, url)))?;
        object.add_some("link", user.link.as_ref())?;
        object.add_some("statusMessage", user.status_message.as_ref())?;
        object.add_some("metadata", self.metadata.as_ref())?;
        object.add("status", OFFLINE)?;
        object.add("role", &user.role)?;
        object.add_some("tags", self.tags)?;
        object.add("createdAt", &user.created_at)?;
        object.add_some("updatedAt", user.updated_at)?;
        object.add_some("deactivatedAt", user.deactivated_at)?;
        if let Some(Relation { conversation_id }) = &self.relation {
            object.add("conversationId", conversation_id)?;
            object.add("hasBlockedMe", &false)?;
            object.add("blockedByMe", &false)?;
        }
        object.add_some("authToken", self.auth_token.as_ref())?;
        object.0.end()
    }
}

/// A JSON object in progress.
struct Object<M>(M);

impl<M: SerializeMap> Object<M> {
    fn add<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        self.0.serialize_entry(name, value)
    }

    /// Adds a property, or leaves it out.
    fn add_some<T: Serialize>(
        &mut self,
        name: &'static str,
        value: Option<T>,
    ) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.add(name, &value))
    }
}
