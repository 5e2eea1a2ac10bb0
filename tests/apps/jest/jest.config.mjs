export default {
  // Jest runs CommonJS, and the package consists of ES modules: Jest has to transform it as well.
  transformIgnorePatterns: ["/node_modules/(?!cometchat-auth/)"],
};
